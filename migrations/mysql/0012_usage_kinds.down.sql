DROP VIEW usage_by_month;
-- next
DROP VIEW usage_by_day;
-- next
DROP VIEW usage_entries;
-- next
DELETE FROM model_prices WHERE effective_from_ms = 0 AND model IN (
  'gpt-audio', 'gpt-audio-20*', 'gpt-audio-mini', 'gpt-audio-mini-20*', 'gpt-4o-audio-preview',
  'gpt-4o-audio-preview-20*', 'gpt-4o-mini-audio-preview', 'gpt-4o-mini-audio-preview-20*',
  'gpt-4o-audio-preview-2024-10-01');
-- next
UPDATE model_prices SET web_search_pico_usd = 0 WHERE provider = 'openai' AND web_search_pico_usd = 10000000000;
-- next
ALTER TABLE model_prices
  DROP COLUMN audio_input_pico_usd,
  DROP COLUMN audio_cache_read_pico_usd,
  DROP COLUMN audio_output_pico_usd,
  DROP COLUMN image_input_pico_usd,
  DROP COLUMN image_output_pico_usd,
  DROP COLUMN reasoning_pico_usd;
-- next
ALTER TABLE roll_up_checks
  DROP COLUMN unpriced_requests,
  DROP COLUMN cached_requests,
  DROP COLUMN audio_input_tokens,
  DROP COLUMN audio_cache_read_tokens,
  DROP COLUMN audio_output_tokens,
  DROP COLUMN image_input_tokens,
  DROP COLUMN image_output_tokens,
  DROP COLUMN accepted_prediction_tokens,
  DROP COLUMN rejected_prediction_tokens,
  DROP COLUMN charge_nano_usd;
-- next
ALTER TABLE usage_daily
  DROP COLUMN unpriced_requests,
  DROP COLUMN cached_requests,
  DROP COLUMN audio_input_tokens,
  DROP COLUMN audio_cache_read_tokens,
  DROP COLUMN audio_output_tokens,
  DROP COLUMN image_input_tokens,
  DROP COLUMN image_output_tokens,
  DROP COLUMN accepted_prediction_tokens,
  DROP COLUMN rejected_prediction_tokens,
  DROP COLUMN charge_nano_usd;
-- next
ALTER TABLE usage_logs
  DROP COLUMN audio_input_tokens,
  DROP COLUMN audio_cache_read_tokens,
  DROP COLUMN audio_output_tokens,
  DROP COLUMN image_input_tokens,
  DROP COLUMN image_output_tokens,
  DROP COLUMN accepted_prediction_tokens,
  DROP COLUMN rejected_prediction_tokens,
  DROP COLUMN charge_nano_usd;
-- next
CREATE VIEW usage_entries AS
  SELECT l.id, l.attempt_id, l.request_id, l.upstream_request_id, l.message_id, k.key_id, k.user_id,
         CONVERT(a.word USING utf8mb4) AS upstream_account_id, CONVERT(m.word USING utf8mb4) AS model,
         CONVERT(r.word USING utf8mb4) AS requested_model, l.dialect, l.outcome,
         (l.flags & 1) <> 0 AS streamed, (l.flags & 2) <> 0 AS estimated, (l.flags & 4) = 0 AS priced,
         l.status, l.error_type, l.input_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens,
         l.cache_read_tokens, l.output_tokens, l.reasoning_tokens, l.web_search_requests, l.web_fetch_requests,
         CONVERT(t.word USING utf8mb4) AS service_tier, CONVERT(s.word USING utf8mb4) AS speed,
         CONVERT(g.word USING utf8mb4) AS inference_geo, l.cost_nano_usd, l.started_at_ms,
         l.first_byte_ms, l.duration_ms, l.client_address
    FROM usage_logs l
    STRAIGHT_JOIN usage_keys k ON k.id = l.key_number
    STRAIGHT_JOIN usage_words a ON a.id = l.account_word
    STRAIGHT_JOIN usage_words m ON m.id = l.model_word
    STRAIGHT_JOIN usage_words r ON r.id = l.requested_model_word
    STRAIGHT_JOIN usage_words t ON t.id = l.service_tier_word
    STRAIGHT_JOIN usage_words s ON s.id = l.speed_word
    STRAIGHT_JOIN usage_words g ON g.id = l.inference_geo_word;
-- next
CREATE VIEW usage_by_day AS
  SELECT DATE_ADD(DATE '1970-01-01', INTERVAL d.day DAY) AS day, k.user_id, k.key_id,
         CONVERT(m.word USING utf8mb4) AS model, d.dialect, d.requests,
         d.errors, d.input_tokens, d.cache_write_5m_tokens, d.cache_write_1h_tokens, d.cache_read_tokens,
         d.output_tokens, d.reasoning_tokens, d.web_search_requests, d.web_fetch_requests, d.cost_nano_usd
    FROM usage_daily d
    JOIN usage_keys k ON k.id = d.key_number
    JOIN usage_words m ON m.id = d.model_word;
-- next
CREATE VIEW usage_by_month AS
  SELECT DATE_FORMAT(DATE_ADD(DATE '1970-01-01', INTERVAL d.day DAY), '%Y-%m') AS month, k.user_id,
         SUM(d.requests) AS requests, SUM(d.errors) AS errors,
         SUM(d.input_tokens + d.cache_write_5m_tokens + d.cache_write_1h_tokens + d.cache_read_tokens) AS total_input_tokens,
         SUM(d.output_tokens) AS output_tokens, SUM(d.cost_nano_usd) AS cost_nano_usd
    FROM usage_daily d
    JOIN usage_keys k ON k.id = d.key_number
   GROUP BY 1, 2;
-- next
DROP PROCEDURE relay_check_roll_ups;
-- next
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
