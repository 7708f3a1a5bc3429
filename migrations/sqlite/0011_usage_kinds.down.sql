DROP VIEW usage_by_month;
DROP VIEW usage_by_day;
DROP VIEW usage_entries;

DELETE FROM model_prices WHERE effective_from_ms = 0 AND model IN (
  'gpt-audio', 'gpt-audio-20*', 'gpt-audio-mini', 'gpt-audio-mini-20*', 'gpt-4o-audio-preview',
  'gpt-4o-audio-preview-20*', 'gpt-4o-mini-audio-preview', 'gpt-4o-mini-audio-preview-20*',
  'gpt-4o-audio-preview-2024-10-01');

UPDATE model_prices SET web_search_pico_usd = 0 WHERE provider = 'openai' AND web_search_pico_usd = 10000000000;

ALTER TABLE model_prices DROP COLUMN audio_input_pico_usd;
ALTER TABLE model_prices DROP COLUMN audio_cache_read_pico_usd;
ALTER TABLE model_prices DROP COLUMN audio_output_pico_usd;
ALTER TABLE model_prices DROP COLUMN image_input_pico_usd;
ALTER TABLE model_prices DROP COLUMN image_output_pico_usd;
ALTER TABLE model_prices DROP COLUMN reasoning_pico_usd;

ALTER TABLE usage_daily DROP COLUMN unpriced_requests;
ALTER TABLE usage_daily DROP COLUMN cached_requests;
ALTER TABLE usage_daily DROP COLUMN audio_input_tokens;
ALTER TABLE usage_daily DROP COLUMN audio_cache_read_tokens;
ALTER TABLE usage_daily DROP COLUMN audio_output_tokens;
ALTER TABLE usage_daily DROP COLUMN image_input_tokens;
ALTER TABLE usage_daily DROP COLUMN image_output_tokens;
ALTER TABLE usage_daily DROP COLUMN accepted_prediction_tokens;
ALTER TABLE usage_daily DROP COLUMN rejected_prediction_tokens;
ALTER TABLE usage_daily DROP COLUMN charge_nano_usd;

ALTER TABLE usage_logs DROP COLUMN audio_input_tokens;
ALTER TABLE usage_logs DROP COLUMN audio_cache_read_tokens;
ALTER TABLE usage_logs DROP COLUMN audio_output_tokens;
ALTER TABLE usage_logs DROP COLUMN image_input_tokens;
ALTER TABLE usage_logs DROP COLUMN image_output_tokens;
ALTER TABLE usage_logs DROP COLUMN accepted_prediction_tokens;
ALTER TABLE usage_logs DROP COLUMN rejected_prediction_tokens;
ALTER TABLE usage_logs DROP COLUMN charge_nano_usd;

CREATE VIEW usage_entries AS
  SELECT l.id, l.attempt_id, l.request_id, l.upstream_request_id, l.message_id, k.key_id, k.user_id,
         a.word AS upstream_account_id, m.word AS model, r.word AS requested_model, l.dialect, l.outcome,
         (l.flags & 1) <> 0 AS streamed, (l.flags & 2) <> 0 AS estimated, (l.flags & 4) = 0 AS priced,
         l.status, l.error_type, l.input_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens,
         l.cache_read_tokens, l.output_tokens, l.reasoning_tokens, l.web_search_requests, l.web_fetch_requests,
         t.word AS service_tier, s.word AS speed, g.word AS inference_geo, l.cost_nano_usd, l.started_at_ms,
         l.first_byte_ms, l.duration_ms, l.client_address
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
         d.errors, d.input_tokens, d.cache_write_5m_tokens, d.cache_write_1h_tokens, d.cache_read_tokens,
         d.output_tokens, d.reasoning_tokens, d.web_search_requests, d.web_fetch_requests, d.cost_nano_usd
    FROM usage_daily d
    JOIN usage_keys k ON k.id = d.key_number
    JOIN usage_words m ON m.id = d.model_word;

CREATE VIEW usage_by_month AS
  SELECT strftime('%Y-%m', d.day * 86400, 'unixepoch') AS month, k.user_id, SUM(d.requests) AS requests,
         SUM(d.errors) AS errors,
         SUM(d.input_tokens + d.cache_write_5m_tokens + d.cache_write_1h_tokens + d.cache_read_tokens) AS total_input_tokens,
         SUM(d.output_tokens) AS output_tokens, SUM(d.cost_nano_usd) AS cost_nano_usd
    FROM usage_daily d
    JOIN usage_keys k ON k.id = d.key_number
   GROUP BY 1, 2;
