-- Audio, images and predictions beside text; what was charged beside what it costs; answers of the relay's own cache
-- (flags: 8). In a row of usage_logs null is 0, and the charge's null is "as the cost": few rows have more, and of
-- millions of rows a null takes next to no room.
DROP VIEW usage_by_month;
DROP VIEW usage_by_day;
DROP VIEW usage_entries;

ALTER TABLE usage_logs ADD COLUMN audio_input_tokens BIGINT;
ALTER TABLE usage_logs ADD COLUMN audio_cache_read_tokens BIGINT;
ALTER TABLE usage_logs ADD COLUMN audio_output_tokens BIGINT;
ALTER TABLE usage_logs ADD COLUMN image_input_tokens BIGINT;
ALTER TABLE usage_logs ADD COLUMN image_output_tokens BIGINT;
ALTER TABLE usage_logs ADD COLUMN accepted_prediction_tokens BIGINT;
ALTER TABLE usage_logs ADD COLUMN rejected_prediction_tokens BIGINT;
ALTER TABLE usage_logs ADD COLUMN charge_nano_usd BIGINT;

ALTER TABLE usage_daily ADD COLUMN unpriced_requests BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN cached_requests BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN audio_input_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN audio_cache_read_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN audio_output_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN image_input_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN image_output_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN accepted_prediction_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN rejected_prediction_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_daily ADD COLUMN charge_nano_usd BIGINT NOT NULL DEFAULT 0;
UPDATE usage_daily SET charge_nano_usd = cost_nano_usd;

-- 0 is no price of its own, never "free": such tokens cost what text does, and reasoning what output does.
ALTER TABLE model_prices ADD COLUMN audio_input_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (audio_input_pico_usd >= 0);
ALTER TABLE model_prices ADD COLUMN audio_cache_read_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (audio_cache_read_pico_usd >= 0);
ALTER TABLE model_prices ADD COLUMN audio_output_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (audio_output_pico_usd >= 0);
ALTER TABLE model_prices ADD COLUMN image_input_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (image_input_pico_usd >= 0);
ALTER TABLE model_prices ADD COLUMN image_output_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (image_output_pico_usd >= 0);
ALTER TABLE model_prices ADD COLUMN reasoning_pico_usd BIGINT NOT NULL DEFAULT 0 CHECK (reasoning_pico_usd >= 0);

-- Searches of OpenAI's web search tool are counted from now on: 10 USD a thousand (openai.com/api/pricing).
UPDATE model_prices SET web_search_pico_usd = 10000000000
 WHERE provider = 'openai' AND web_search_pico_usd = 0 AND model NOT LIKE 'text-embedding-%';

-- An operator's own line of the same name stays.
INSERT OR IGNORE INTO model_prices (model, provider, tier, context_over, effective_from_ms, input_pico_usd,
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

CREATE VIEW usage_entries AS
  SELECT l.id, l.attempt_id, l.request_id, l.upstream_request_id, l.message_id, k.key_id, k.user_id,
         a.word AS upstream_account_id, m.word AS model, r.word AS requested_model, l.dialect, l.outcome,
         (l.flags & 1) <> 0 AS streamed, (l.flags & 2) <> 0 AS estimated, (l.flags & 4) = 0 AS priced,
         (l.flags & 8) <> 0 AS cached, l.status, l.error_type, l.input_tokens, l.cache_write_5m_tokens,
         l.cache_write_1h_tokens, l.cache_read_tokens, l.output_tokens, l.reasoning_tokens,
         l.web_search_requests, l.web_fetch_requests, COALESCE(l.audio_input_tokens, 0) AS audio_input_tokens,
         COALESCE(l.audio_cache_read_tokens, 0) AS audio_cache_read_tokens,
         COALESCE(l.audio_output_tokens, 0) AS audio_output_tokens,
         COALESCE(l.image_input_tokens, 0) AS image_input_tokens,
         COALESCE(l.image_output_tokens, 0) AS image_output_tokens,
         COALESCE(l.accepted_prediction_tokens, 0) AS accepted_prediction_tokens,
         COALESCE(l.rejected_prediction_tokens, 0) AS rejected_prediction_tokens, t.word AS service_tier,
         s.word AS speed, g.word AS inference_geo, l.cost_nano_usd,
         COALESCE(l.charge_nano_usd, l.cost_nano_usd) AS charge_nano_usd, l.started_at_ms, l.first_byte_ms,
         l.duration_ms, l.client_address
    FROM usage_logs l
    JOIN usage_keys k ON k.id = l.key_number
    JOIN usage_words a ON a.id = l.account_word
    JOIN usage_words m ON m.id = l.model_word
    JOIN usage_words r ON r.id = l.requested_model_word
    JOIN usage_words t ON t.id = l.service_tier_word
    JOIN usage_words s ON s.id = l.speed_word
    JOIN usage_words g ON g.id = l.inference_geo_word;

CREATE VIEW usage_by_day AS
  SELECT date(d.day * 86400, 'unixepoch') AS day, k.user_id, k.key_id, m.word AS model, d.dialect, d.requests,
         d.errors, d.unpriced_requests, d.cached_requests, d.input_tokens, d.cache_write_5m_tokens,
         d.cache_write_1h_tokens, d.cache_read_tokens, d.output_tokens, d.reasoning_tokens,
         d.web_search_requests, d.web_fetch_requests, d.audio_input_tokens, d.audio_cache_read_tokens,
         d.audio_output_tokens, d.image_input_tokens, d.image_output_tokens, d.accepted_prediction_tokens,
         d.rejected_prediction_tokens, d.charge_nano_usd, d.cost_nano_usd
    FROM usage_daily d
    JOIN usage_keys k ON k.id = d.key_number
    JOIN usage_words m ON m.id = d.model_word;

CREATE VIEW usage_by_month AS
  SELECT strftime('%Y-%m', d.day * 86400, 'unixepoch') AS month, k.user_id, SUM(d.requests) AS requests,
         SUM(d.errors) AS errors, SUM(d.unpriced_requests) AS unpriced_requests,
         SUM(d.cached_requests) AS cached_requests,
         SUM(d.input_tokens + d.cache_write_5m_tokens + d.cache_write_1h_tokens + d.cache_read_tokens + d.audio_input_tokens + d.audio_cache_read_tokens + d.image_input_tokens) AS total_input_tokens,
         SUM(d.output_tokens + d.audio_output_tokens + d.image_output_tokens) AS total_output_tokens,
         SUM(d.charge_nano_usd) AS charge_nano_usd, SUM(d.cost_nano_usd) AS cost_nano_usd
    FROM usage_daily d
    JOIN usage_keys k ON k.id = d.key_number
   GROUP BY 1, 2;
