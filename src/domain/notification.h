// Something a person is told in the dashboard.
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>

namespace relay {

struct Notification {
  std::string id{};  // "ntf_…"
  std::string user_id{};
  std::string kind{};  // "budget_warning", "key_expiring"
  std::string title{};
  std::string body{};
  std::string data = "{}";  // a JSON object as text
  WallTime created_at{};
  std::optional<WallTime> read_at{};
};

}  // namespace relay
