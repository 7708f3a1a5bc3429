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
    " u.timezone, k.cache_ttl_seconds, k.account_group, p.account_group"
    " FROM api_keys k JOIN users u ON u.id = k.user_id JOIN plans p ON p.id = u.plan_id WHERE ";

struct AccessRow {
  KeyAccess access;
  std::string key_status, user_status, key_permissions, plan_permissions, models, ip_rules;
  std::optional<WallTime> retiring_until;
  RateLimit of_key, of_user, of_plan;
  std::optional<std::string> group_of_key, group_of_plan;
};

void define(SqlStatement& select, RateLimit& limits) {
  select.into(limits.requests_per_minute).into(limits.tokens_per_minute);
  select.into(limits.requests_per_day).into(limits.concurrency);
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
  define(select, row.of_key);
  define(select, row.of_user);
  define(select, row.of_plan);
  select.into(access.tokens_per_month);
  select.into(access.budget.daily)
      .into(access.budget.weekly)
      .into(access.budget.monthly)
      .into(access.budget.total);
  select.into(access.timezone).into(access.cache_ttl_seconds);
  select.into(row.group_of_key).into(row.group_of_plan);
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
  access.limits = stricter(stricter(row.of_key, row.of_user), row.of_plan);
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
