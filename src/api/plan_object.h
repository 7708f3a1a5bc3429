// A plan as the client API shows it.
#pragma once

#include "api/key_object.h"
#include "domain/plan.h"
#include "json/binding.h"

#include <optional>
#include <string>
#include <vector>

namespace relay {

struct PlanObject {
  std::string id;
  std::string name;
  std::string monthly_price;                     // USD as a decimal
  std::optional<std::int64_t> max_keys;          // null: no limit
  std::optional<std::int64_t> tokens_per_month;  // null: no limit
  RateLimitObject rate_limit;
  BudgetObject budget;
  std::int64_t priority = kPlanPriority;
  std::vector<std::string> permissions;
  std::optional<std::string> account_group;  // null: the accounts without a group
};
BOOST_DESCRIBE_STRUCT(PlanObject, (),
                      (id, name, monthly_price, max_keys, tokens_per_month, rate_limit, budget, priority,
                       permissions, account_group))

PlanObject to_plan_object(const Plan& plan);

/// What PUT takes. A field that is absent stays as it is (or as a new plan has it); null puts it back to
/// that.
struct PlanFields {
  Patch<Text<1, 100>> name;
  Patch<std::string> monthly_price;
  Patch<Whole<0, 1'000'000>> max_keys;
  Patch<Whole<0, 1'000'000'000'000'000>> tokens_per_month;
  Patch<RateLimitObject> rate_limit;
  Patch<BudgetObject> budget;
  Patch<Whole<0, kPlanPriorityMax>> priority;
  Patch<std::vector<std::string>> permissions;
  Patch<std::string> account_group;
};
BOOST_DESCRIBE_STRUCT(PlanFields, (),
                      (name, monthly_price, max_keys, tokens_per_month, rate_limit, budget, priority,
                       permissions, account_group))

/// The plan with the fields applied. validation with every wrong field named.
Result<Plan> apply_plan_fields(Plan plan, const PlanFields& fields);

}  // namespace relay
