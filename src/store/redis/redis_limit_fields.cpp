#include "store/redis/redis_limit_fields.h"

namespace relay {

void read(RedisRow& row, RateLimit& limits) {
  row.into("requests_per_minute", limits.requests_per_minute)
      .into("tokens_per_minute", limits.tokens_per_minute);
  row.into("requests_per_day", limits.requests_per_day).into("concurrency", limits.concurrency);
  row.into_if_there("tokens_per_day", limits.tokens_per_day);
}

void read(RedisRow& row, Budget& budget) {
  row.into("budget_daily_nano_usd", budget.daily).into("budget_weekly_nano_usd", budget.weekly);
  row.into("budget_monthly_nano_usd", budget.monthly).into("budget_total_nano_usd", budget.total);
  row.into_if_there("budget_reset_minute", budget.reset_minute)
      .into_if_there("budget_soft_periods", budget.soft_periods);
}

void set(RedisFields& fields, const RateLimit& limits) {
  fields.set("requests_per_minute", limits.requests_per_minute)
      .set("tokens_per_minute", limits.tokens_per_minute);
  fields.set("requests_per_day", limits.requests_per_day).set("concurrency", limits.concurrency);
  fields.set("tokens_per_day", limits.tokens_per_day);
}

void set(RedisFields& fields, const Budget& budget) {
  fields.set("budget_daily_nano_usd", budget.daily).set("budget_weekly_nano_usd", budget.weekly);
  fields.set("budget_monthly_nano_usd", budget.monthly).set("budget_total_nano_usd", budget.total);
  fields.set("budget_reset_minute", budget.reset_minute).set("budget_soft_periods", budget.soft_periods);
}

}  // namespace relay
