// Limits and budgets that an operator sets from the command line, of a user or of one key.
#pragma once

#include "app/people.h"
#include "domain/budget.h"
#include "domain/rate_limit.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace relay {

/// The fields that are set are changed, the others stay; 0 is no limit.
struct LimitFields {
  std::optional<std::int64_t> requests_per_minute{};
  std::optional<std::int64_t> tokens_per_minute{};
  std::optional<std::int64_t> requests_per_day{};
  std::optional<std::int64_t> tokens_per_day{};
  std::optional<std::int64_t> concurrency{};
};

/// The fields that are not empty are changed, the others stay.
struct BudgetFields {
  std::string daily{}, weekly{}, monthly{}, total{};  // USD such as "12.50", or "none"
  std::string reset_time{};                           // "06:00"
  std::vector<std::string> soft{};  // periods, in the place of those before; "none" alone: none
};

/// `whose` is an e-mail address or a key's id. What holds then. not_found "user_unknown", "api_key_unknown";
/// conflict "api_key_revoked"; validation, every wrong field named. Who changes them tells running servers of
/// it.
Task<RateLimit> set_limits(PeopleParts parts, std::string whose, LimitFields fields);
Task<Budget> set_budget(PeopleParts parts, std::string whose, BudgetFields fields);

}  // namespace relay
