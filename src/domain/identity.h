// An account at another site that signs somebody in here.
#pragma once

#include "base/clock.h"

#include <string>

namespace relay {

struct Identity {
  std::string id{};  // "idn_…"
  std::string user_id{};
  std::string provider{};  // as in the path: "github", "google", "oidc"
  std::string issuer{};    // whose word `subject` is: a provider may be pointed elsewhere
  std::string subject{};   // never reassigned, unlike names and addresses
  std::string email{};     // as the provider said last; for people to tell them apart
  WallTime created_at{};
  WallTime last_used_at{};
};

}  // namespace relay
