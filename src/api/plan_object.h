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
  std::vector<std::string> permissions;
};
BOOST_DESCRIBE_STRUCT(PlanObject, (),
                      (id, name, monthly_price, max_keys, tokens_per_month, rate_limit, permissions))

PlanObject to_plan_object(const Plan& plan);

/// What PUT takes. A field that is absent stays as it is (or as a new plan has it); null puts it back to
/// that.
struct PlanFields {
  Patch<Text<1, 100>> name;
  Patch<std::string> monthly_price;
  Patch<Whole<0, 1'000'000>> max_keys;
  Patch<Whole<0, 1'000'000'000'000'000>> tokens_per_month;
  Patch<RateLimitObject> rate_limit;
  Patch<std::vector<std::string>> permissions;
};
BOOST_DESCRIBE_STRUCT(PlanFields, (),
                      (name, monthly_price, max_keys, tokens_per_month, rate_limit, permissions))

/// The plan with the fields applied. validation with every wrong field named.
Result<Plan> apply_plan_fields(Plan plan, const PlanFields& fields);

}  // namespace relay
