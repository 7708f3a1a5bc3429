DROP TABLE model_prices;
-- next
DROP VIEW usage_by_month;
-- next
DROP VIEW usage_by_day;
-- next
DROP VIEW usage_entries;
-- next
DROP TABLE roll_up_checks;
-- next
DROP TABLE node_offsets;
-- next
DROP TABLE usage_daily;
-- next
DROP TABLE usage_logs;
-- next
DROP TABLE usage_keys;
-- next
DROP TABLE usage_words;
