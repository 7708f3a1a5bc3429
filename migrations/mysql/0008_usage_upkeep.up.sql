-- What keeps usage_logs in shape. The relay calls the procedures itself, once a day, on one node; the events do the
-- same where the server runs them (event_scheduler = ON), for a database that is looked after while no relay runs.
-- Needs the privileges CREATE ROUTINE, ALTER ROUTINE, EXECUTE and EVENT on the database, and nothing of SUPER.

-- Partitions for the month of now_ms and the three after it. What lies before the first month that was ever made is
-- in p_past, what lies behind the last in p_max: no row is ever without a place.
CREATE PROCEDURE relay_make_usage_partitions(IN now_ms BIGINT)
  SQL SECURITY INVOKER
BEGIN
  DECLARE highest BIGINT;
  DECLARE this_month DATE;
  DECLARE month_start DATE;
  DECLARE parts TEXT DEFAULT '';
  DECLARE lock_name VARCHAR(64) DEFAULT CONCAT('relay_partitions_', LEFT(SHA2(DATABASE(), 256), 32));
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    DO RELEASE_LOCK(lock_name);
    RESIGNAL;
  END;
  IF GET_LOCK(lock_name, 30) = 1 THEN
    SET this_month = DATE_FORMAT(DATE_ADD('1970-01-01 00:00:00', INTERVAL now_ms DIV 1000 SECOND), '%Y-%m-01');
    SELECT MAX(CAST(partition_description AS SIGNED)) INTO highest FROM information_schema.partitions
     WHERE table_schema = DATABASE() AND table_name = 'usage_logs' AND partition_description <> 'MAXVALUE';
    IF highest IS NULL THEN
      SET highest = TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', this_month) * 1000;
      SET parts = CONCAT('PARTITION p_past VALUES LESS THAN (', highest, '), ');
    END IF;
    SET month_start = DATE_ADD('1970-01-01 00:00:00', INTERVAL highest DIV 1000 SECOND);
    WHILE month_start <= DATE_ADD(this_month, INTERVAL 3 MONTH) DO
      SET parts = CONCAT(parts, 'PARTITION p', DATE_FORMAT(month_start, '%Y%m'), ' VALUES LESS THAN (',
        TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', DATE_ADD(month_start, INTERVAL 1 MONTH)) * 1000, '), ');
      SET month_start = DATE_ADD(month_start, INTERVAL 1 MONTH);
    END WHILE;
    IF parts <> '' THEN
      SET @relay_statement = CONCAT('ALTER TABLE usage_logs REORGANIZE PARTITION p_max INTO (', parts,
        'PARTITION p_max VALUES LESS THAN MAXVALUE)');
      PREPARE relay_statement FROM @relay_statement;
      EXECUTE relay_statement;
      DEALLOCATE PREPARE relay_statement;
    END IF;
    DO RELEASE_LOCK(lock_name);
  END IF;
END;
-- next
-- Drops the partitions whose months ended by before_ms. @relay_dropped_rows: how many rows went with them.
CREATE PROCEDURE relay_drop_usage_partitions(IN before_ms BIGINT)
  SQL SECURITY INVOKER
BEGIN
  DECLARE part VARCHAR(64);
  DECLARE no_more INT DEFAULT 0;
  DECLARE lock_name VARCHAR(64) DEFAULT CONCAT('relay_partitions_', LEFT(SHA2(DATABASE(), 256), 32));
  DECLARE old_parts CURSOR FOR SELECT partition_name FROM information_schema.partitions
    WHERE table_schema = DATABASE() AND table_name = 'usage_logs' AND partition_description <> 'MAXVALUE'
      AND CAST(partition_description AS SIGNED) <= before_ms;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET no_more = 1;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    DO RELEASE_LOCK(lock_name);
    RESIGNAL;
  END;
  SET @relay_dropped_rows = 0;
  IF GET_LOCK(lock_name, 30) = 1 THEN
    OPEN old_parts;
    FETCH old_parts INTO part;
    WHILE no_more = 0 DO
      SET @relay_statement = CONCAT('SELECT COUNT(*) INTO @relay_part_rows FROM usage_logs PARTITION (', part, ')');
      PREPARE relay_statement FROM @relay_statement;
      EXECUTE relay_statement;
      SET @relay_statement = CONCAT('ALTER TABLE usage_logs DROP PARTITION ', part);
      PREPARE relay_statement FROM @relay_statement;
      EXECUTE relay_statement;
      DEALLOCATE PREPARE relay_statement;
      SET @relay_dropped_rows = @relay_dropped_rows + @relay_part_rows;
      FETCH old_parts INTO part;
    END WHILE;
    CLOSE old_parts;
    DO RELEASE_LOCK(lock_name);
  END IF;
END;
-- next
-- Compares the roll-up of a day (days since 1970-01-01) with the sums of its rows, and writes what differs to
-- roll_up_checks. A day that retention has begun to take away can't be compared: rows from before it must be there.
-- @relay_differences: how many differ; null for a day that was not compared.
CREATE PROCEDURE relay_check_roll_ups(IN check_day BIGINT, IN now_ms BIGINT)
  SQL SECURITY INVOKER
BEGIN
  DECLARE first_ms BIGINT DEFAULT check_day * 86400000;
  SET @relay_differences = NULL;
  IF EXISTS (SELECT 1 FROM usage_logs WHERE started_at_ms < first_ms) THEN
    DELETE FROM roll_up_checks WHERE day = check_day;
    INSERT INTO roll_up_checks (day, key_number, model_word, dialect, requests, errors, input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, reasoning_tokens, web_search_requests, web_fetch_requests, cost_nano_usd, checked_at_ms)
    SELECT check_day, key_number, model_word, dialect, SUM(requests), SUM(errors), SUM(input_tokens), SUM(cache_write_5m_tokens), SUM(cache_write_1h_tokens), SUM(cache_read_tokens), SUM(output_tokens), SUM(reasoning_tokens), SUM(web_search_requests), SUM(web_fetch_requests), SUM(cost_nano_usd), now_ms
      FROM (SELECT key_number, model_word, dialect, requests, errors, input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, reasoning_tokens, web_search_requests, web_fetch_requests, cost_nano_usd
              FROM usage_daily WHERE day = check_day
            UNION ALL
            SELECT key_number, model_word, dialect, -1 AS requests, -(outcome <> 1) AS errors,
                   -input_tokens AS input_tokens, -cache_write_5m_tokens AS cache_write_5m_tokens, -cache_write_1h_tokens AS cache_write_1h_tokens, -cache_read_tokens AS cache_read_tokens, -output_tokens AS output_tokens, -reasoning_tokens AS reasoning_tokens, -web_search_requests AS web_search_requests, -web_fetch_requests AS web_fetch_requests, -cost_nano_usd AS cost_nano_usd
              FROM usage_logs WHERE started_at_ms >= first_ms AND started_at_ms < first_ms + 86400000) both_sides
     GROUP BY key_number, model_word, dialect
    HAVING SUM(requests) <> 0 OR SUM(errors) <> 0 OR SUM(input_tokens) <> 0 OR SUM(cache_write_5m_tokens) <> 0 OR SUM(cache_write_1h_tokens) <> 0 OR SUM(cache_read_tokens) <> 0 OR SUM(output_tokens) <> 0 OR SUM(reasoning_tokens) <> 0 OR SUM(web_search_requests) <> 0 OR SUM(web_fetch_requests) <> 0 OR SUM(cost_nano_usd) <> 0;
    SET @relay_differences = ROW_COUNT();
  END IF;
END;
-- next
-- Deletes mailed links that ended by before_ms: a dead link tells who was written to.
CREATE PROCEDURE relay_delete_dead_links(IN before_ms BIGINT)
  SQL SECURITY INVOKER
BEGIN
  DELETE FROM email_tokens WHERE expires_at_ms < before_ms;
END;
-- next
-- Deletes at most `most` sessions that ended by before_ms.
CREATE PROCEDURE relay_delete_ended_sessions(IN before_ms BIGINT, IN most INT)
  SQL SECURITY INVOKER
BEGIN
  DELETE FROM sessions WHERE expires_at_ms < before_ms ORDER BY expires_at_ms LIMIT most;
  DELETE FROM sessions WHERE revoked_at_ms < before_ms ORDER BY revoked_at_ms LIMIT most;
END;
-- next
CALL relay_make_usage_partitions(CAST(UNIX_TIMESTAMP() AS SIGNED) * 1000);
-- next
CREATE EVENT relay_daily_partitions ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 00:10:00'
  DO CALL relay_make_usage_partitions(CAST(UNIX_TIMESTAMP() AS SIGNED) * 1000);
-- next
CREATE EVENT relay_daily_roll_up_check ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 02:10:00'
  DO CALL relay_check_roll_ups(CAST(UNIX_TIMESTAMP() AS SIGNED) DIV 86400 - 1, CAST(UNIX_TIMESTAMP() AS SIGNED) * 1000);
-- next
-- Only what no setting of the relay decides: how long usage and sessions are kept is the relay's to know.
CREATE EVENT relay_daily_dead_links ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 03:10:00'
  DO CALL relay_delete_dead_links(CAST(UNIX_TIMESTAMP() AS SIGNED) * 1000 - 86400000);
