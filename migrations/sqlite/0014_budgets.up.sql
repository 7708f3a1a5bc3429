-- More limits and budgets, of keys, users and each user of a plan. NULL: no limit, no budget; resets at midnight, no soft
-- period; of plans.priority: 50.
ALTER TABLE api_keys ADD COLUMN tokens_per_day BIGINT;
ALTER TABLE api_keys ADD COLUMN budget_reset_minute BIGINT;
ALTER TABLE api_keys ADD COLUMN budget_soft_periods BIGINT;
ALTER TABLE users ADD COLUMN tokens_per_day BIGINT;
ALTER TABLE users ADD COLUMN budget_daily_nano_usd BIGINT;
ALTER TABLE users ADD COLUMN budget_weekly_nano_usd BIGINT;
ALTER TABLE users ADD COLUMN budget_monthly_nano_usd BIGINT;
ALTER TABLE users ADD COLUMN budget_total_nano_usd BIGINT;
ALTER TABLE users ADD COLUMN budget_reset_minute BIGINT;
ALTER TABLE users ADD COLUMN budget_soft_periods BIGINT;
ALTER TABLE plans ADD COLUMN tokens_per_day BIGINT;
ALTER TABLE plans ADD COLUMN budget_daily_nano_usd BIGINT;
ALTER TABLE plans ADD COLUMN budget_weekly_nano_usd BIGINT;
ALTER TABLE plans ADD COLUMN budget_monthly_nano_usd BIGINT;
ALTER TABLE plans ADD COLUMN budget_total_nano_usd BIGINT;
ALTER TABLE plans ADD COLUMN budget_reset_minute BIGINT;
ALTER TABLE plans ADD COLUMN budget_soft_periods BIGINT;
ALTER TABLE plans ADD COLUMN priority BIGINT;
