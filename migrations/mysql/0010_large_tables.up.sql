-- Latencies are read from the index of a key's usage alone: its rows lie all over the table. Retention goes by time.
ALTER TABLE usage_logs
  DROP KEY usage_logs_key,
  ADD KEY usage_logs_key (key_number, started_at_ms, duration_ms, first_byte_ms),
  ADD KEY usage_logs_started (started_at_ms);
-- next
-- The row first, then its words, whatever the server believes of the tables' sizes: after a crash that can be nothing.
CREATE OR REPLACE VIEW usage_entries AS
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
