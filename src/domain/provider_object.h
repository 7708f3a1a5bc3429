// What people keep at a provider: files, batches and stored responses. The relay's accounts there are shared,
// so it remembers whose each is.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <string>

namespace relay {

enum class ProviderObjectKind : std::uint8_t { file = 1, batch = 2, response = 3 };

struct ProviderObject {
  std::string id{};        // the provider's
  std::string provider{};  // anthropic, openai
  ProviderObjectKind kind = ProviderObjectKind::file;
  std::string user_id{};  // whose it is
  std::string key_id{};   // that made it; what it uses is recorded for
  std::string account_id{};
  std::string model{};     // where the relay knows it
  std::string purpose{};   // of a file of OpenAI's
  std::string batch_id{};  // of a file that a batch wrote: whose results it has
  WallTime created_at{};
  std::optional<WallTime> expires_at{};  // none: it stays until it is deleted
  bool usage_recorded = false;           // of a batch's results: they were read to the end
  friend bool operator==(const ProviderObject&, const ProviderObject&) = default;
};

}  // namespace relay
