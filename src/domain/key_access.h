// What the relay must know of a key to decide on a call: one look-up, then no store is asked.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/api_key.h"
#include "domain/user.h"

#include <cstdint>
#include <optional>
#include <string>

namespace relay {

/// A snapshot of a key, its user and the user's plan. Never changed once made: share it as
/// std::shared_ptr<const KeyAccess>.
struct KeyAccess {
  std::string key_id{};
  std::string user_id{};
  std::string plan{};
  ApiKeyStatus key_status = ApiKeyStatus::active;
  UserStatus user_status = UserStatus::active;
  std::optional<WallTime> expires_at{};
  /// Set when the key was found by its secret before the last regeneration.
  std::optional<WallTime> secret_until{};
  Permissions permissions{};  // of the key and of the plan
  ModelPatterns models{};
  IpRules ip_rules{};
  RateLimit limits{};                 // the smallest of key, user and plan
  std::int64_t tokens_per_month = 0;  // of the plan; 0: no limit
  Budget budget{};
  std::string timezone{};                           // of the user: where a day of the budget begins
  std::optional<std::int64_t> cache_ttl_seconds{};  // as ApiKey has it
  /// Accounts that have it in their groups serve the key; empty: those without groups.
  std::string account_group{};

  /// Passes when the key may be used at `now`. Else unauthorized: api_key_revoked ("Invalid API key"),
  /// api_key_inactive, api_key_expired; or forbidden account_inactive. Cheap: no allocation when it passes.
  Result<> check_usable(WallTime now) const;
};

}  // namespace relay
