#include "store/sql/sql_plan_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

namespace relay {
namespace {

// Columns, define() and the binds of put() keep one order.
constexpr const char* kPlanColumns =
    "id, name, monthly_price_nano_usd, max_keys, tokens_per_month, requests_per_minute, tokens_per_minute,"
    " requests_per_day, concurrency, permissions, account_group, budget_daily_nano_usd, "
    "budget_weekly_nano_usd,"
    " budget_monthly_nano_usd, budget_total_nano_usd, tokens_per_day, budget_reset_minute, "
    "budget_soft_periods,"
    " priority";
// Columns of a later time are NULL in older rows.
const std::string& selected_columns() {
  static const std::string text = [] {
    std::string all = kPlanColumns;
    const auto set_default = [&all](const std::string& column, const char* value) {
      all.replace(all.rfind(" " + column) + 1, column.size(), "COALESCE(" + column + ", " + value + ")");
    };
    for (const char* column : {"tokens_per_day", "budget_reset_minute", "budget_soft_periods"})
      set_default(column, "0");
    set_default("priority", "50");
    return all;
  }();
  return text;
}

struct PlanRow {
  Plan plan;
  std::string permissions;
  std::optional<std::string> account_group;
};

void define(SqlStatement& select, PlanRow& row) {
  auto& plan = row.plan;
  select.into(plan.id)
      .into(plan.name)
      .into(plan.monthly_price)
      .into(plan.max_keys)
      .into(plan.tokens_per_month);
  select.into(plan.limits.requests_per_minute).into(plan.limits.tokens_per_minute);
  select.into(plan.limits.requests_per_day).into(plan.limits.concurrency).into(row.permissions);
  select.into(row.account_group);
  auto& budget = plan.budget;
  select.into(budget.daily).into(budget.weekly).into(budget.monthly).into(budget.total);
  select.into(plan.limits.tokens_per_day).into(budget.reset_minute).into(budget.soft_periods);
  select.into(plan.priority);
}

Result<Plan> to_plan(const PlanRow& row) {
  Plan plan = row.plan;
  TRY(plan.permissions, Permissions::from_store(row.permissions));
  plan.account_group = row.account_group.value_or("");
  return plan;
}

}  // namespace

Task<std::vector<Plan>> SqlPlanStore::list() {
  return database_.read([](soci::session& sql) -> Result<std::vector<Plan>> {
    PlanRow row;
    SqlStatement select(sql);
    define(select, row);
    select.select("SELECT " + selected_columns() + " FROM plans ORDER BY monthly_price_nano_usd, id");
    std::vector<Plan> plans;
    while (select.fetch()) {
      TRY(auto plan, to_plan(row));
      plans.push_back(std::move(plan));
    }
    return plans;
  });
}

Task<Plan> SqlPlanStore::find(std::string plan_id) {
  return database_.read([plan_id = std::move(plan_id)](soci::session& sql) -> Result<Plan> {
    PlanRow row;
    SqlStatement select(sql);
    define(select, row);
    select.use(plan_id).select("SELECT " + selected_columns() + " FROM plans WHERE id = :id");
    if (!select.fetch()) return Error(ErrorKind::not_found, "plan_unknown", "Plan not found");
    return to_plan(row);
  });
}

Task<> SqlPlanStore::put(Plan plan) {
  return database_.write([plan = std::move(plan),
                          &dialect = database_.dialect()](soci::session& sql) -> Result<> {
    SqlStatement insert(sql);
    insert.use(plan.id).use(plan.name).use(plan.monthly_price).use(plan.max_keys).use(plan.tokens_per_month);
    insert.use(plan.limits.requests_per_minute).use(plan.limits.tokens_per_minute);
    insert.use(plan.limits.requests_per_day).use(plan.limits.concurrency).use(plan.permissions.to_text());
    insert.use(null_if_empty(plan.account_group));
    const auto& budget = plan.budget;
    insert.use(budget.daily).use(budget.weekly).use(budget.monthly).use(budget.total);
    insert.use(plan.limits.tokens_per_day).use(budget.reset_minute).use(budget.soft_periods);
    insert.use(plan.priority);
    insert.run(
        std::string("INSERT INTO plans (") + kPlanColumns +
        ") VALUES (:id, :name, :price, :keys, :tokens, :rpm, :tpm, :rpd, :concurrency, :permissions, :group,"
        " :daily, :weekly, :monthly, :total, :tpd, :reset_minute, :soft, :priority)" +
        dialect.on_duplicate_replace(
            "id", {"name", "monthly_price_nano_usd", "max_keys", "tokens_per_month", "requests_per_minute",
                   "tokens_per_minute", "requests_per_day", "concurrency", "permissions", "account_group",
                   "budget_daily_nano_usd", "budget_weekly_nano_usd", "budget_monthly_nano_usd",
                   "budget_total_nano_usd", "tokens_per_day", "budget_reset_minute", "budget_soft_periods",
                   "priority"}));
    return {};
  });
}

}  // namespace relay
