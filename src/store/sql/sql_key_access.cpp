#include "store/sql/sql_key_access.h"

#include "store/sql/sql_statement.h"

namespace relay {
namespace {

// Columns and define() keep one order.
constexpr const char* kSelect =
    "SELECT k.id, k.user_id, u.plan_id, k.status, u.status, k.expires_at_ms, k.retiring_until_ms,"
    " k.permissions, p.permissions, k.models, k.ip_rules,"
    " k.requests_per_minute, k.tokens_per_minute, k.requests_per_day, k.concurrency,"
    " u.requests_per_minute, u.tokens_per_minute, u.requests_per_day, u.concurrency,"
    " p.requests_per_minute, p.tokens_per_minute, p.requests_per_day, p.concurrency, p.tokens_per_month,"
    " k.budget_daily_nano_usd, k.budget_weekly_nano_usd, k.budget_monthly_nano_usd, k.budget_total_nano_usd,"
    " u.timezone, k.cache_ttl_seconds, k.account_group, p.account_group,"
    " COALESCE(k.tokens_per_day, 0), COALESCE(u.tokens_per_day, 0), COALESCE(p.tokens_per_day, 0),"
    " COALESCE(k.budget_reset_minute, 0), COALESCE(k.budget_soft_periods, 0),"
    " u.budget_daily_nano_usd, u.budget_weekly_nano_usd, u.budget_monthly_nano_usd, u.budget_total_nano_usd,"
    " COALESCE(u.budget_reset_minute, 0), COALESCE(u.budget_soft_periods, 0),"
    " p.budget_daily_nano_usd, p.budget_weekly_nano_usd, p.budget_monthly_nano_usd, p.budget_total_nano_usd,"
    " COALESCE(p.budget_reset_minute, 0), COALESCE(p.budget_soft_periods, 0), COALESCE(p.priority, 50)"
    " FROM api_keys k JOIN users u ON u.id = k.user_id JOIN plans p ON p.id = u.plan_id WHERE ";

struct AccessRow {
  KeyAccess access;
  std::string key_status, user_status, key_permissions, plan_permissions, models, ip_rules;
  std::optional<WallTime> retiring_until;
  std::optional<std::string> group_of_key, group_of_plan;
};

void define(SqlStatement& select, RateLimit& limits) {
  select.into(limits.requests_per_minute).into(limits.tokens_per_minute);
  select.into(limits.requests_per_day).into(limits.concurrency);
}

void define_amounts(SqlStatement& select, Budget& budget) {
  select.into(budget.daily).into(budget.weekly).into(budget.monthly).into(budget.total);
}

void define_ways(SqlStatement& select, Budget& budget) {
  select.into(budget.reset_minute).into(budget.soft_periods);
}

void define(SqlStatement& select, AccessRow& row) {
  auto& access = row.access;
  select.into(access.key_id)
      .into(access.user_id)
      .into(access.plan)
      .into(row.key_status)
      .into(row.user_status);
  select.into(access.expires_at).into(row.retiring_until);
  select.into(row.key_permissions).into(row.plan_permissions).into(row.models).into(row.ip_rules);
  define(select, access.limits);
  define(select, access.user_limits);
  define(select, access.plan_limits);
  select.into(access.tokens_per_month);
  define_amounts(select, access.budget);
  select.into(access.timezone).into(access.cache_ttl_seconds);
  select.into(row.group_of_key).into(row.group_of_plan);
  select.into(access.limits.tokens_per_day)
      .into(access.user_limits.tokens_per_day)
      .into(access.plan_limits.tokens_per_day);
  define_ways(select, access.budget);
  define_amounts(select, access.user_budget);
  define_ways(select, access.user_budget);
  define_amounts(select, access.plan_budget);
  define_ways(select, access.plan_budget);
  select.into(access.plan_priority);
}

Result<KeyAccess> to_access(AccessRow row, bool by_old_secret) {
  auto& access = row.access;
  TRY(access.key_status, parse_api_key_status(row.key_status));
  TRY(access.user_status, parse_user_status(row.user_status));
  TRY(const auto of_key, Permissions::from_store(row.key_permissions));
  TRY(const auto of_plan, Permissions::from_store(row.plan_permissions));
  access.permissions = of_key.and_also(of_plan);
  access.models = ModelPatterns::from_store(row.models);
  TRY(access.ip_rules, IpRules::from_store(row.ip_rules));
  access.account_group = row.group_of_key ? *row.group_of_key : row.group_of_plan.value_or("");
  if (by_old_secret) access.secret_until = row.retiring_until;
  return std::move(access);
}

}  // namespace

Result<KeyAccess> select_key_access(soci::session& sql, const std::string& condition,
                                    const std::string& value, bool by_old_secret) {
  AccessRow row;
  SqlStatement select(sql);
  define(select, row);
  select.use(value).select(kSelect + condition);
  if (!select.fetch()) return Error(ErrorKind::not_found, "api_key_unknown", "API key not found");
  return to_access(std::move(row), by_old_secret);
}

}  // namespace relay
