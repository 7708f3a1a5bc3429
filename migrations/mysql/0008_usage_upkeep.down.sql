DROP EVENT relay_daily_dead_links;
-- next
DROP EVENT relay_daily_roll_up_check;
-- next
DROP EVENT relay_daily_partitions;
-- next
DROP PROCEDURE relay_delete_ended_sessions;
-- next
DROP PROCEDURE relay_delete_dead_links;
-- next
DROP PROCEDURE relay_check_roll_ups;
-- next
DROP PROCEDURE relay_drop_usage_partitions;
-- next
DROP PROCEDURE relay_make_usage_partitions;
