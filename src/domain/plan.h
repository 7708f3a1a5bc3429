// A plan: what its users may do, and what it costs.
#pragma once

#include "domain/budget.h"
#include "domain/money.h"
#include "domain/permission.h"
#include "domain/rate_limit.h"

#include <cstdint>
#include <string>

namespace relay {

inline constexpr std::int64_t kPlanPriority = 50;
inline constexpr std::int64_t kPlanPriorityMax = 100;

struct Plan {
  std::string id{};  // "free", "basic", "pro", "enterprise"
  std::string name{};
  NanoUsd monthly_price = 0;
  std::int64_t max_keys = 0;              // 0: no limit
  std::int64_t tokens_per_month = 0;      // 0: no limit
  RateLimit limits{};                     // each user of the plan, over all of their keys
  Budget budget{};                        // the same
  std::int64_t priority = kPlanPriority;  // 0 to 100: a higher one is kept longer under overload
  Permissions permissions = Permissions::all();
  std::string account_group{};  // whose accounts serve its keys; empty: those without a group
  friend bool operator==(const Plan&, const Plan&) = default;
};

}  // namespace relay
