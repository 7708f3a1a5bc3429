-- Audio, images and predictions beside text; what was charged beside what it costs; answers of the relay's own cache
-- (flags: 8). In a row of usage_logs null is 0, and the charge's null is "as the cost": few rows have more, and of
-- millions of rows a null takes next to no room.
DROP VIEW usage_by_month;
-- next
DROP VIEW usage_by_day;
-- next
DROP VIEW usage_entries;
-- next
ALTER TABLE usage_logs
  ADD COLUMN audio_input_tokens BIGINT,
  ADD COLUMN audio_cache_read_tokens BIGINT,
  ADD COLUMN audio_output_tokens BIGINT,
  ADD COLUMN image_input_tokens BIGINT,
  ADD COLUMN image_output_tokens BIGINT,
  ADD COLUMN accepted_prediction_tokens BIGINT,
  ADD COLUMN rejected_prediction_tokens BIGINT,
  ADD COLUMN charge_nano_usd BIGINT;
-- next
ALTER TABLE usage_daily
  ADD COLUMN unpriced_requests BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN cached_requests BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN audio_input_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN audio_cache_read_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN audio_output_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN image_input_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN image_output_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN accepted_prediction_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN rejected_prediction_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN charge_nano_usd BIGINT NOT NULL DEFAULT 0;
-- next
ALTER TABLE roll_up_checks
  ADD COLUMN unpriced_requests BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN cached_requests BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN audio_input_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN audio_cache_read_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN audio_output_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN image_input_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN image_output_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN accepted_prediction_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN rejected_prediction_tokens BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN charge_nano_usd BIGINT NOT NULL DEFAULT 0;
-- next
UPDATE usage_daily SET charge_nano_usd = cost_nano_usd;
-- next
-- 0 is no price of its own, never "free": such tokens cost what text does, and reasoning what output does.
ALTER TABLE model_prices
  ADD COLUMN audio_input_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (audio_input_pico_usd >= 0),
  ADD COLUMN audio_cache_read_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (audio_cache_read_pico_usd >= 0),
  ADD COLUMN audio_output_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (audio_output_pico_usd >= 0),
  ADD COLUMN image_input_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (image_input_pico_usd >= 0),
  ADD COLUMN image_output_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (image_output_pico_usd >= 0),
  ADD COLUMN reasoning_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (reasoning_pico_usd >= 0);
-- next
-- Searches of OpenAI's web search tool are counted from now on: 10 USD a thousand (openai.com/api/pricing).
UPDATE model_prices SET web_search_pico_usd = 10000000000
 WHERE provider = 'openai' AND web_search_pico_usd = 0 AND model NOT LIKE 'text-embedding-%';
-- next
-- An operator's own line of the same name stays.
INSERT IGNORE INTO model_prices (model, provider, tier, context_over, effective_from_ms, input_pico_usd,
                          cache_write_5m_pico_usd, cache_write_1h_pico_usd, cache_read_pico_usd,
                          output_pico_usd, web_search_pico_usd, audio_input_pico_usd, audio_cache_read_pico_usd,
                          audio_output_pico_usd, image_input_pico_usd, image_output_pico_usd, reasoning_pico_usd) VALUES
  -- gpt-audio; audio input 32, output 64
  ('gpt-audio', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 32000000, 0, 64000000, 0, 0, 0),
  ('gpt-audio-20*', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 32000000, 0, 64000000, 0, 0, 0),
  -- gpt-audio-mini; audio 10 and 20
  ('gpt-audio-mini', 'openai', 'standard', 0, 0, 600000, 600000, 600000, 600000, 2400000, 10000000000, 10000000, 0, 20000000, 0, 0, 0),
  ('gpt-audio-mini-20*', 'openai', 'standard', 0, 0, 600000, 600000, 600000, 600000, 2400000, 10000000000, 10000000, 0, 20000000, 0, 0, 0),
  -- gpt-4o-audio-preview from 2024-12-17 on; audio 40 and 80
  ('gpt-4o-audio-preview', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 40000000, 0, 80000000, 0, 0, 0),
  ('gpt-4o-audio-preview-20*', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 40000000, 0, 80000000, 0, 0, 0),
  -- gpt-4o-mini-audio-preview; audio 10 and 20
  ('gpt-4o-mini-audio-preview', 'openai', 'standard', 0, 0, 150000, 150000, 150000, 150000, 600000, 10000000000, 10000000, 0, 20000000, 0, 0, 0),
  ('gpt-4o-mini-audio-preview-20*', 'openai', 'standard', 0, 0, 150000, 150000, 150000, 150000, 600000, 10000000000, 10000000, 0, 20000000, 0, 0, 0),
  -- gpt-4o-audio-preview of 2024-10-01; audio 100 and 200
  ('gpt-4o-audio-preview-2024-10-01', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 2500000, 10000000, 10000000000, 100000000, 0, 200000000, 0, 0, 0);
-- next
CREATE VIEW usage_entries AS
  SELECT l.id, l.attempt_id, l.request_id, l.upstream_request_id, l.message_id, k.key_id, k.user_id,
         CONVERT(a.word USING utf8mb4) AS upstream_account_id, CONVERT(m.word USING utf8mb4) AS model,
         CONVERT(r.word USING utf8mb4) AS requested_model, l.dialect, l.outcome, (l.flags & 1) <> 0 AS streamed,
         (l.flags & 2) <> 0 AS estimated, (l.flags & 4) = 0 AS priced, (l.flags & 8) <> 0 AS cached, l.status,
         l.error_type, l.input_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens, l.cache_read_tokens,
         l.output_tokens, l.reasoning_tokens, l.web_search_requests, l.web_fetch_requests,
         COALESCE(l.audio_input_tokens, 0) AS audio_input_tokens,
         COALESCE(l.audio_cache_read_tokens, 0) AS audio_cache_read_tokens,
         COALESCE(l.audio_output_tokens, 0) AS audio_output_tokens,
         COALESCE(l.image_input_tokens, 0) AS image_input_tokens,
         COALESCE(l.image_output_tokens, 0) AS image_output_tokens,
         COALESCE(l.accepted_prediction_tokens, 0) AS accepted_prediction_tokens,
         COALESCE(l.rejected_prediction_tokens, 0) AS rejected_prediction_tokens,
         CONVERT(t.word USING utf8mb4) AS service_tier, CONVERT(s.word USING utf8mb4) AS speed,
         CONVERT(g.word USING utf8mb4) AS inference_geo, l.cost_nano_usd,
         COALESCE(l.charge_nano_usd, l.cost_nano_usd) AS charge_nano_usd, l.started_at_ms, l.first_byte_ms,
         l.duration_ms, l.client_address
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
         CONVERT(m.word USING utf8mb4) AS model, d.dialect, d.requests, d.errors, d.unpriced_requests,
         d.cached_requests, d.input_tokens, d.cache_write_5m_tokens, d.cache_write_1h_tokens,
         d.cache_read_tokens, d.output_tokens, d.reasoning_tokens, d.web_search_requests, d.web_fetch_requests,
         d.audio_input_tokens, d.audio_cache_read_tokens, d.audio_output_tokens, d.image_input_tokens,
         d.image_output_tokens, d.accepted_prediction_tokens, d.rejected_prediction_tokens, d.charge_nano_usd,
         d.cost_nano_usd
    FROM usage_daily d
    JOIN usage_keys k ON k.id = d.key_number
    JOIN usage_words m ON m.id = d.model_word;
-- next
CREATE VIEW usage_by_month AS
  SELECT DATE_FORMAT(DATE_ADD(DATE '1970-01-01', INTERVAL d.day DAY), '%Y-%m') AS month, k.user_id,
         SUM(d.requests) AS requests, SUM(d.errors) AS errors, SUM(d.unpriced_requests) AS unpriced_requests,
         SUM(d.cached_requests) AS cached_requests,
         SUM(d.input_tokens + d.cache_write_5m_tokens + d.cache_write_1h_tokens + d.cache_read_tokens + d.audio_input_tokens + d.audio_cache_read_tokens + d.image_input_tokens) AS total_input_tokens,
         SUM(d.output_tokens + d.audio_output_tokens + d.image_output_tokens) AS total_output_tokens,
         SUM(d.charge_nano_usd) AS charge_nano_usd, SUM(d.cost_nano_usd) AS cost_nano_usd
    FROM usage_daily d
    JOIN usage_keys k ON k.id = d.key_number
   GROUP BY 1, 2;
-- next
DROP PROCEDURE relay_check_roll_ups;
-- next
-- As before, with the new sums. What the relay's cache answered has no tokens in them.
CREATE PROCEDURE relay_check_roll_ups(IN check_day BIGINT, IN now_ms BIGINT)
  SQL SECURITY INVOKER
BEGIN
  DECLARE first_ms BIGINT DEFAULT check_day * 86400000;
  SET @relay_differences = NULL;
  IF EXISTS (SELECT 1 FROM usage_logs WHERE started_at_ms < first_ms) THEN
    DELETE FROM roll_up_checks WHERE day = check_day;
    INSERT INTO roll_up_checks (day, key_number, model_word, dialect, checked_at_ms, requests, errors,
      unpriced_requests, cached_requests, input_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
      cache_read_tokens, output_tokens, reasoning_tokens, web_search_requests, web_fetch_requests,
      audio_input_tokens, audio_cache_read_tokens, audio_output_tokens, image_input_tokens, image_output_tokens,
      accepted_prediction_tokens, rejected_prediction_tokens, cost_nano_usd, charge_nano_usd)
    SELECT check_day, key_number, model_word, dialect, now_ms, SUM(requests), SUM(errors),
           SUM(unpriced_requests), SUM(cached_requests), SUM(input_tokens), SUM(cache_write_5m_tokens),
           SUM(cache_write_1h_tokens), SUM(cache_read_tokens), SUM(output_tokens), SUM(reasoning_tokens),
           SUM(web_search_requests), SUM(web_fetch_requests), SUM(audio_input_tokens),
           SUM(audio_cache_read_tokens), SUM(audio_output_tokens), SUM(image_input_tokens),
           SUM(image_output_tokens), SUM(accepted_prediction_tokens), SUM(rejected_prediction_tokens),
           SUM(cost_nano_usd), SUM(charge_nano_usd)
      FROM (SELECT key_number, model_word, dialect, requests, errors, unpriced_requests, cached_requests, input_tokens, cache_write_5m_tokens,
                    cache_write_1h_tokens, cache_read_tokens, output_tokens, reasoning_tokens,
                    web_search_requests, web_fetch_requests, audio_input_tokens, audio_cache_read_tokens,
                    audio_output_tokens, image_input_tokens, image_output_tokens, accepted_prediction_tokens,
                    rejected_prediction_tokens, cost_nano_usd, charge_nano_usd
              FROM usage_daily WHERE day = check_day
            UNION ALL
            SELECT key_number, model_word, dialect, -1 AS requests, -(outcome <> 1) AS errors,
                   -((flags & 4) <> 0) AS unpriced_requests, -((flags & 8) <> 0) AS cached_requests,
                   -IF(flags & 8, 0, input_tokens) AS input_tokens,
                   -IF(flags & 8, 0, cache_write_5m_tokens) AS cache_write_5m_tokens,
                   -IF(flags & 8, 0, cache_write_1h_tokens) AS cache_write_1h_tokens,
                   -IF(flags & 8, 0, cache_read_tokens) AS cache_read_tokens,
                   -IF(flags & 8, 0, output_tokens) AS output_tokens,
                   -IF(flags & 8, 0, reasoning_tokens) AS reasoning_tokens,
                   -IF(flags & 8, 0, web_search_requests) AS web_search_requests,
                   -IF(flags & 8, 0, web_fetch_requests) AS web_fetch_requests,
                   -IF(flags & 8, 0, COALESCE(audio_input_tokens, 0)) AS audio_input_tokens,
                   -IF(flags & 8, 0, COALESCE(audio_cache_read_tokens, 0)) AS audio_cache_read_tokens,
                   -IF(flags & 8, 0, COALESCE(audio_output_tokens, 0)) AS audio_output_tokens,
                   -IF(flags & 8, 0, COALESCE(image_input_tokens, 0)) AS image_input_tokens,
                   -IF(flags & 8, 0, COALESCE(image_output_tokens, 0)) AS image_output_tokens,
                   -IF(flags & 8, 0, COALESCE(accepted_prediction_tokens, 0)) AS accepted_prediction_tokens,
                   -IF(flags & 8, 0, COALESCE(rejected_prediction_tokens, 0)) AS rejected_prediction_tokens,
                   -cost_nano_usd AS cost_nano_usd, -COALESCE(charge_nano_usd, cost_nano_usd) AS charge_nano_usd
              FROM usage_logs WHERE started_at_ms >= first_ms AND started_at_ms < first_ms + 86400000) both_sides
     GROUP BY key_number, model_word, dialect
    HAVING SUM(requests) <> 0 OR SUM(errors) <> 0 OR SUM(unpriced_requests) <> 0 OR SUM(cached_requests) <> 0 OR
           SUM(input_tokens) <> 0 OR SUM(cache_write_5m_tokens) <> 0 OR SUM(cache_write_1h_tokens) <> 0 OR
           SUM(cache_read_tokens) <> 0 OR SUM(output_tokens) <> 0 OR SUM(reasoning_tokens) <> 0 OR
           SUM(web_search_requests) <> 0 OR SUM(web_fetch_requests) <> 0 OR SUM(audio_input_tokens) <> 0 OR
           SUM(audio_cache_read_tokens) <> 0 OR SUM(audio_output_tokens) <> 0 OR SUM(image_input_tokens) <> 0 OR
           SUM(image_output_tokens) <> 0 OR SUM(accepted_prediction_tokens) <> 0 OR
           SUM(rejected_prediction_tokens) <> 0 OR SUM(cost_nano_usd) <> 0 OR SUM(charge_nano_usd) <> 0;
    SET @relay_differences = ROW_COUNT();
  END IF;
END;
