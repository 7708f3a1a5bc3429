#include "store/sql/sql_limit_fields.h"

namespace relay {

void set_limits(SqlChanges& changes, const RateLimit& limits) {
  changes.set("requests_per_minute", limits.requests_per_minute);
  changes.set("tokens_per_minute", limits.tokens_per_minute);
  changes.set("requests_per_day", limits.requests_per_day);
  changes.set("concurrency", limits.concurrency);
  changes.set("tokens_per_day", limits.tokens_per_day);
}

void set_budget(SqlChanges& changes, const Budget& budget) {
  changes.set("budget_daily_nano_usd", budget.daily);
  changes.set("budget_weekly_nano_usd", budget.weekly);
  changes.set("budget_monthly_nano_usd", budget.monthly);
  changes.set("budget_total_nano_usd", budget.total);
  changes.set("budget_reset_minute", budget.reset_minute);
  changes.set("budget_soft_periods", budget.soft_periods);
}

}  // namespace relay
