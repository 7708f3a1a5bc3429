#include "api/plan_object.h"

#include "api/field_reader.h"
#include "api/object_values.h"
#include "domain/budget.h"
#include "domain/upstream_account.h"

namespace relay {
namespace {}  // namespace

PlanObject to_plan_object(const Plan& plan) {
  return {.id = plan.id,
          .name = plan.name,
          .monthly_price = to_usd(plan.monthly_price),
          .max_keys = unless_zero(plan.max_keys),
          .tokens_per_month = unless_zero(plan.tokens_per_month),
          .rate_limit = to_rate_limit_object(plan.limits),
          .budget = to_budget_object(plan.budget),
          .priority = plan.priority,
          .permissions = plan.permissions.words(),
          .account_group = unless_empty(plan.account_group)};
}

Result<Plan> apply_plan_fields(Plan plan, const PlanFields& fields) {
  FieldReader reader;
  if (fields.name.present) plan.name = fields.name.sets() ? fields.name.value->value : plan.id;
  if (fields.monthly_price.clears()) plan.monthly_price = 0;
  if (fields.monthly_price.sets()) {
    std::optional<NanoUsd> price;
    reader.take(parse_usd(*fields.monthly_price.value, "monthlyPrice"), price);
    plan.monthly_price = price.value_or(0);
  }
  if (fields.max_keys.present) plan.max_keys = fields.max_keys.sets() ? fields.max_keys.value->value : 0;
  if (fields.tokens_per_month.present) {
    plan.tokens_per_month = fields.tokens_per_month.sets() ? fields.tokens_per_month.value->value : 0;
  }
  if (fields.rate_limit.present) {
    std::optional<RateLimit> limits;
    reader.take(to_rate_limit(fields.rate_limit.value.value_or(RateLimitObject{})), limits);
    plan.limits = limits.value_or(RateLimit{});
  }
  if (fields.budget.present) {
    std::optional<Budget> budget;
    reader.take(to_budget(fields.budget.value.value_or(BudgetObject{})), budget);
    plan.budget = budget.value_or(Budget{});
  }
  if (fields.priority.present)
    plan.priority = fields.priority.sets() ? fields.priority.value->value : kPlanPriority;
  if (fields.permissions.clears()) plan.permissions = Permissions::all();
  if (fields.permissions.sets()) {
    std::optional<Permissions> permissions;
    reader.take(Permissions::parse(*fields.permissions.value), permissions);
    plan.permissions = permissions.value_or(plan.permissions);
  }
  if (fields.account_group.clears()) plan.account_group.clear();
  if (fields.account_group.sets()) {
    std::optional<std::string> group;
    reader.take(parse_account_group(*fields.account_group.value, "accountGroup"), group);
    plan.account_group = group.value_or("");
  }
  CHECK(std::move(reader).outcome());
  return plan;
}

}  // namespace relay
