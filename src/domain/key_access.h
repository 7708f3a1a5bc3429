// What the relay must know of a key to decide on a call: one look-up, then no store is asked.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/api_key.h"
#include "domain/plan.h"
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
  // Each holds by itself: a key's counts its own calls; a user's, and that of the plan for each of its users,
  // all calls of the user.
  RateLimit limits{};       // of the key
  RateLimit user_limits{};  // of the user
  RateLimit plan_limits{};
  std::int64_t tokens_per_month = 0;  // of the plan, of each of its users, UTC; 0: no limit
  Budget budget{};
  Budget user_budget{};
  Budget plan_budget{};
  std::int64_t plan_priority = kPlanPriority;       // as Plan has it
  std::string timezone{};                           // of the user: where a day of the budget begins
  std::optional<std::int64_t> cache_ttl_seconds{};  // as ApiKey has it
  /// Accounts that have it in their groups serve the key; empty: those without groups.
  std::string account_group{};

  /// Whether any limit or budget holds at all: else admission has nothing to do.
  bool is_limited() const {
    return !limits.none() || !user_limits.none() || !plan_limits.none() || !budget.none() ||
           !user_budget.none() || !plan_budget.none() || tokens_per_month != 0;
  }

  /// Of each kind the one that a lone key of the user meets first.
  RateLimit tightest_limits() const { return stricter(stricter(limits, user_limits), plan_limits); }

  /// Passes when the key may be used at `now`. Else unauthorized: api_key_revoked ("Invalid API key"),
  /// api_key_inactive, api_key_expired; or forbidden account_inactive. Cheap: no allocation when it passes.
  Result<> check_usable(WallTime now) const;
};

}  // namespace relay
