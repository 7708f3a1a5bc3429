ALTER TABLE api_keys
  DROP COLUMN tokens_per_day,
  DROP COLUMN budget_reset_minute,
  DROP COLUMN budget_soft_periods;
-- next
ALTER TABLE users
  DROP COLUMN tokens_per_day,
  DROP COLUMN budget_daily_nano_usd,
  DROP COLUMN budget_weekly_nano_usd,
  DROP COLUMN budget_monthly_nano_usd,
  DROP COLUMN budget_total_nano_usd,
  DROP COLUMN budget_reset_minute,
  DROP COLUMN budget_soft_periods;
-- next
ALTER TABLE plans
  DROP COLUMN tokens_per_day,
  DROP COLUMN budget_daily_nano_usd,
  DROP COLUMN budget_weekly_nano_usd,
  DROP COLUMN budget_monthly_nano_usd,
  DROP COLUMN budget_total_nano_usd,
  DROP COLUMN budget_reset_minute,
  DROP COLUMN budget_soft_periods,
  DROP COLUMN priority;
