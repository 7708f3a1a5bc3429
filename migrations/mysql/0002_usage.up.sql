-- What was used and what it cost. Times are epoch milliseconds, money is nano-dollars, prices are pico-dollars
-- per token. usage_logs is written thousands of times a second, so names that repeat are numbers.

-- Words that repeat: models, accounts, tiers. Number 0 is the empty word. Bytes: "a" and "a " are two words.
CREATE TABLE usage_words (
  id   BIGINT PRIMARY KEY AUTO_INCREMENT,
  word VARBINARY(512) NOT NULL,
  UNIQUE KEY usage_words_word (word)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
INSERT INTO usage_words (id, word) VALUES (0, '');
-- next
-- The keys that have used something, and whose they are. No foreign key: usage outlives its key.
CREATE TABLE usage_keys (
  id      BIGINT PRIMARY KEY AUTO_INCREMENT,
  user_id VARCHAR(64) NOT NULL,
  key_id  VARCHAR(64) NOT NULL,
  UNIQUE KEY usage_keys_user_id (user_id, key_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- One row per attempt that reached a provider. *_word and key_number are numbers of the tables above; view
-- usage_entries reads them out. No foreign keys: partitioned tables have none. A partition is a month of
-- started_at_ms, so every key has that column; relay_make_usage_partitions makes them.
CREATE TABLE usage_logs (
  id                    BIGINT NOT NULL AUTO_INCREMENT,
  attempt_id            VARCHAR(191) NOT NULL,
  request_id            VARCHAR(191) NOT NULL,
  upstream_request_id   VARCHAR(191) NOT NULL,
  message_id            VARCHAR(191) NOT NULL,
  key_number            BIGINT NOT NULL,
  account_word          BIGINT NOT NULL,
  model_word            BIGINT NOT NULL,
  requested_model_word  BIGINT NOT NULL,
  dialect               INT NOT NULL,  -- 1 messages, 2 completions, 3 chat, 4 responses
  outcome               INT NOT NULL,  -- 1 completed, 2 provider_error, 3 client_gone, 4 upstream_cut, 5 timed_out, 6 unknown
  flags                 INT NOT NULL,  -- 1 streamed, 2 estimated, 4 unpriced
  status                INT NOT NULL,
  error_type            VARCHAR(128) NOT NULL,
  input_tokens          BIGINT NOT NULL,
  cache_write_5m_tokens BIGINT NOT NULL,
  cache_write_1h_tokens BIGINT NOT NULL,
  cache_read_tokens     BIGINT NOT NULL,
  output_tokens         BIGINT NOT NULL,
  reasoning_tokens      BIGINT NOT NULL,
  web_search_requests   BIGINT NOT NULL,
  web_fetch_requests    BIGINT NOT NULL,
  service_tier_word     BIGINT NOT NULL,
  speed_word            BIGINT NOT NULL,
  inference_geo_word    BIGINT NOT NULL,
  cost_nano_usd         BIGINT NOT NULL,
  started_at_ms         BIGINT NOT NULL,
  first_byte_ms         BIGINT NOT NULL,
  duration_ms           BIGINT NOT NULL,
  client_address        VARCHAR(128) NOT NULL,
  PRIMARY KEY (id, started_at_ms),
  UNIQUE KEY usage_logs_attempt_id (attempt_id, started_at_ms),
  KEY usage_logs_key (key_number, started_at_ms),
  KEY usage_logs_request (request_id),
  KEY usage_logs_upstream_request (upstream_request_id),
  KEY usage_logs_message (message_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  PARTITION BY RANGE (started_at_ms) (PARTITION p_max VALUES LESS THAN MAXVALUE);
-- next
-- Roll-up per day (days since 1970-01-01, UTC), key, model and dialect.
CREATE TABLE usage_daily (
  key_number            BIGINT NOT NULL,
  day                   BIGINT NOT NULL,
  model_word            BIGINT NOT NULL,
  dialect               INT NOT NULL,
  requests              BIGINT NOT NULL,
  errors                BIGINT NOT NULL,
  input_tokens          BIGINT NOT NULL,
  cache_write_5m_tokens BIGINT NOT NULL,
  cache_write_1h_tokens BIGINT NOT NULL,
  cache_read_tokens     BIGINT NOT NULL,
  output_tokens         BIGINT NOT NULL,
  reasoning_tokens      BIGINT NOT NULL,
  web_search_requests   BIGINT NOT NULL,
  web_fetch_requests    BIGINT NOT NULL,
  cost_nano_usd         BIGINT NOT NULL,
  PRIMARY KEY (key_number, day, model_word, dialect),
  KEY usage_daily_day (day)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- How far each node's journal is stored, and which process may write for it.
CREATE TABLE node_offsets (
  node_id        VARCHAR(191) PRIMARY KEY,
  last_seq       BIGINT NOT NULL DEFAULT 0,
  holder         VARCHAR(191) NOT NULL DEFAULT '',
  lease_until_ms BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- Days whose roll-up is not the sum of its rows: the roll-up less the sum. relay_check_roll_ups fills it.
CREATE TABLE roll_up_checks (
  key_number            BIGINT NOT NULL,
  day                   BIGINT NOT NULL,
  model_word            BIGINT NOT NULL,
  dialect               INT NOT NULL,
  requests              BIGINT NOT NULL,
  errors                BIGINT NOT NULL,
  input_tokens          BIGINT NOT NULL,
  cache_write_5m_tokens BIGINT NOT NULL,
  cache_write_1h_tokens BIGINT NOT NULL,
  cache_read_tokens     BIGINT NOT NULL,
  output_tokens         BIGINT NOT NULL,
  reasoning_tokens      BIGINT NOT NULL,
  web_search_requests   BIGINT NOT NULL,
  web_fetch_requests    BIGINT NOT NULL,
  cost_nano_usd         BIGINT NOT NULL,
  checked_at_ms         BIGINT NOT NULL,
  PRIMARY KEY (day, key_number, model_word, dialect)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
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
    JOIN usage_keys k ON k.id = l.key_number
    JOIN usage_words a ON a.id = l.account_word
    JOIN usage_words m ON m.id = l.model_word
    JOIN usage_words r ON r.id = l.requested_model_word
    JOIN usage_words t ON t.id = l.service_tier_word
    JOIN usage_words s ON s.id = l.speed_word
    JOIN usage_words g ON g.id = l.inference_geo_word;
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
-- Operators add lines of their own; the newest line in force counts. `model` is a name or a `*` pattern.
CREATE TABLE model_prices (
  model                   VARCHAR(255) NOT NULL,
  provider                VARCHAR(64) NOT NULL,
  tier                    VARCHAR(64) NOT NULL,
  context_over            BIGINT NOT NULL DEFAULT 0,
  effective_from_ms       BIGINT NOT NULL DEFAULT 0,
  input_pico_usd          BIGINT NOT NULL,
  cache_write_5m_pico_usd BIGINT NOT NULL,
  cache_write_1h_pico_usd BIGINT NOT NULL,
  cache_read_pico_usd     BIGINT NOT NULL,
  output_pico_usd         BIGINT NOT NULL,
  web_search_pico_usd     BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (model, tier, context_over, effective_from_ms),
  CONSTRAINT model_prices_positive CHECK (input_pico_usd >= 0 AND cache_write_5m_pico_usd >= 0 AND
    cache_write_1h_pico_usd >= 0 AND cache_read_pico_usd >= 0 AND output_pico_usd >= 0 AND web_search_pico_usd >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- Public prices as gathered in 2026-11. 3 USD per million tokens is 3000000. A batch of Anthropic's costs half;
-- where a model of OpenAI's has no cheaper cached input or no price for cache writes, they cost what input does.
INSERT INTO model_prices (model, provider, tier, context_over, effective_from_ms, input_pico_usd,
                          cache_write_5m_pico_usd, cache_write_1h_pico_usd, cache_read_pico_usd, output_pico_usd,
                          web_search_pico_usd) VALUES
  -- Fable 5.1, Mythos 5.1
  ('claude-fable-5-1', 'anthropic', 'standard', 0, 0, 10000000, 12500000, 20000000, 250000, 50000000, 10000000000),
  ('claude-fable-5-1', 'anthropic', 'batch', 0, 0, 5000000, 6250000, 10000000, 125000, 25000000, 10000000000),
  ('claude-fable-5-1-*', 'anthropic', 'standard', 0, 0, 10000000, 12500000, 20000000, 250000, 50000000, 10000000000),
  ('claude-fable-5-1-*', 'anthropic', 'batch', 0, 0, 5000000, 6250000, 10000000, 125000, 25000000, 10000000000),
  ('claude-mythos-5-1', 'anthropic', 'standard', 0, 0, 10000000, 12500000, 20000000, 250000, 50000000, 10000000000),
  ('claude-mythos-5-1', 'anthropic', 'batch', 0, 0, 5000000, 6250000, 10000000, 125000, 25000000, 10000000000),
  ('claude-mythos-5-1-*', 'anthropic', 'standard', 0, 0, 10000000, 12500000, 20000000, 250000, 50000000, 10000000000),
  ('claude-mythos-5-1-*', 'anthropic', 'batch', 0, 0, 5000000, 6250000, 10000000, 125000, 25000000, 10000000000),
  -- Fable 5, Mythos 5
  ('claude-fable-5', 'anthropic', 'standard', 0, 0, 10000000, 12500000, 20000000, 1000000, 50000000, 10000000000),
  ('claude-fable-5', 'anthropic', 'batch', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-fable-5-20*', 'anthropic', 'standard', 0, 0, 10000000, 12500000, 20000000, 1000000, 50000000, 10000000000),
  ('claude-fable-5-20*', 'anthropic', 'batch', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-mythos-5', 'anthropic', 'standard', 0, 0, 10000000, 12500000, 20000000, 1000000, 50000000, 10000000000),
  ('claude-mythos-5', 'anthropic', 'batch', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-mythos-5-20*', 'anthropic', 'standard', 0, 0, 10000000, 12500000, 20000000, 1000000, 50000000, 10000000000),
  ('claude-mythos-5-20*', 'anthropic', 'batch', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  -- Opus 5.5; fast is twice the price
  ('claude-opus-5-5', 'anthropic', 'standard', 0, 0, 4000000, 5000000, 8000000, 200000, 20000000, 10000000000),
  ('claude-opus-5-5', 'anthropic', 'batch', 0, 0, 2000000, 2500000, 4000000, 100000, 10000000, 10000000000),
  ('claude-opus-5-5', 'anthropic', 'fast', 0, 0, 8000000, 10000000, 16000000, 400000, 40000000, 10000000000),
  ('claude-opus-5-5-*', 'anthropic', 'standard', 0, 0, 4000000, 5000000, 8000000, 200000, 20000000, 10000000000),
  ('claude-opus-5-5-*', 'anthropic', 'batch', 0, 0, 2000000, 2500000, 4000000, 100000, 10000000, 10000000000),
  ('claude-opus-5-5-*', 'anthropic', 'fast', 0, 0, 8000000, 10000000, 16000000, 400000, 40000000, 10000000000),
  -- Opus 5 and 4.8; fast is twice the price
  ('claude-opus-5', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-5', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-5', 'anthropic', 'fast', 0, 0, 10000000, 12500000, 20000000, 1000000, 50000000, 10000000000),
  ('claude-opus-5-20*', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-5-20*', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-5-20*', 'anthropic', 'fast', 0, 0, 10000000, 12500000, 20000000, 1000000, 50000000, 10000000000),
  ('claude-opus-4-8', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-4-8', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-4-8', 'anthropic', 'fast', 0, 0, 10000000, 12500000, 20000000, 1000000, 50000000, 10000000000),
  ('claude-opus-4-8-*', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-4-8-*', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-4-8-*', 'anthropic', 'fast', 0, 0, 10000000, 12500000, 20000000, 1000000, 50000000, 10000000000),
  -- Opus 4.7, 4.5
  ('claude-opus-4-7', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-4-7', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-4-7-*', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-4-7-*', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-4-5', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-4-5', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-4-5-*', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-4-5-*', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  -- Opus 4.6; fast is six times the price
  ('claude-opus-4-6', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-4-6', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-4-6', 'anthropic', 'fast', 0, 0, 30000000, 37500000, 60000000, 3000000, 150000000, 10000000000),
  ('claude-opus-4-6-*', 'anthropic', 'standard', 0, 0, 5000000, 6250000, 10000000, 500000, 25000000, 10000000000),
  ('claude-opus-4-6-*', 'anthropic', 'batch', 0, 0, 2500000, 3125000, 5000000, 250000, 12500000, 10000000000),
  ('claude-opus-4-6-*', 'anthropic', 'fast', 0, 0, 30000000, 37500000, 60000000, 3000000, 150000000, 10000000000),
  -- Opus 4.1, 4, 3
  ('claude-opus-4-1', 'anthropic', 'standard', 0, 0, 15000000, 18750000, 30000000, 1500000, 75000000, 10000000000),
  ('claude-opus-4-1', 'anthropic', 'batch', 0, 0, 7500000, 9375000, 15000000, 750000, 37500000, 10000000000),
  ('claude-opus-4-1-*', 'anthropic', 'standard', 0, 0, 15000000, 18750000, 30000000, 1500000, 75000000, 10000000000),
  ('claude-opus-4-1-*', 'anthropic', 'batch', 0, 0, 7500000, 9375000, 15000000, 750000, 37500000, 10000000000),
  ('claude-opus-4', 'anthropic', 'standard', 0, 0, 15000000, 18750000, 30000000, 1500000, 75000000, 10000000000),
  ('claude-opus-4', 'anthropic', 'batch', 0, 0, 7500000, 9375000, 15000000, 750000, 37500000, 10000000000),
  ('claude-opus-4-0', 'anthropic', 'standard', 0, 0, 15000000, 18750000, 30000000, 1500000, 75000000, 10000000000),
  ('claude-opus-4-0', 'anthropic', 'batch', 0, 0, 7500000, 9375000, 15000000, 750000, 37500000, 10000000000),
  ('claude-opus-4-20*', 'anthropic', 'standard', 0, 0, 15000000, 18750000, 30000000, 1500000, 75000000, 10000000000),
  ('claude-opus-4-20*', 'anthropic', 'batch', 0, 0, 7500000, 9375000, 15000000, 750000, 37500000, 10000000000),
  ('claude-3-opus-*', 'anthropic', 'standard', 0, 0, 15000000, 18750000, 30000000, 1500000, 75000000, 10000000000),
  ('claude-3-opus-*', 'anthropic', 'batch', 0, 0, 7500000, 9375000, 15000000, 750000, 37500000, 10000000000),
  -- Sonnet 5.5; its cache reads became cheaper on 2026-10-07
  ('claude-sonnet-5-5', 'anthropic', 'standard', 0, 0, 2000000, 2500000, 4000000, 200000, 10000000, 10000000000),
  ('claude-sonnet-5-5', 'anthropic', 'batch', 0, 0, 1000000, 1250000, 2000000, 100000, 5000000, 10000000000),
  ('claude-sonnet-5-5', 'anthropic', 'standard', 0, 1791331200000, 2000000, 2500000, 4000000, 100000, 10000000, 10000000000),
  ('claude-sonnet-5-5', 'anthropic', 'batch', 0, 1791331200000, 1000000, 1250000, 2000000, 50000, 5000000, 10000000000),
  ('claude-sonnet-5-5-*', 'anthropic', 'standard', 0, 0, 2000000, 2500000, 4000000, 200000, 10000000, 10000000000),
  ('claude-sonnet-5-5-*', 'anthropic', 'batch', 0, 0, 1000000, 1250000, 2000000, 100000, 5000000, 10000000000),
  ('claude-sonnet-5-5-*', 'anthropic', 'standard', 0, 1791331200000, 2000000, 2500000, 4000000, 100000, 10000000, 10000000000),
  ('claude-sonnet-5-5-*', 'anthropic', 'batch', 0, 1791331200000, 1000000, 1250000, 2000000, 50000, 5000000, 10000000000),
  -- Sonnet 5
  ('claude-sonnet-5', 'anthropic', 'standard', 0, 0, 2000000, 2500000, 4000000, 200000, 10000000, 10000000000),
  ('claude-sonnet-5', 'anthropic', 'batch', 0, 0, 1000000, 1250000, 2000000, 100000, 5000000, 10000000000),
  ('claude-sonnet-5-20*', 'anthropic', 'standard', 0, 0, 2000000, 2500000, 4000000, 200000, 10000000, 10000000000),
  ('claude-sonnet-5-20*', 'anthropic', 'batch', 0, 0, 1000000, 1250000, 2000000, 100000, 5000000, 10000000000),
  -- Sonnet 4.6, 4.5, 4, 3.7, 3.5; flat: the surcharge above 200,000 tokens is gone
  ('claude-sonnet-4-6', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-sonnet-4-6', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  ('claude-sonnet-4-6-*', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-sonnet-4-6-*', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  ('claude-sonnet-4-5', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-sonnet-4-5', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  ('claude-sonnet-4-5-*', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-sonnet-4-5-*', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  ('claude-sonnet-4', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-sonnet-4', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  ('claude-sonnet-4-0', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-sonnet-4-0', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  ('claude-sonnet-4-20*', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-sonnet-4-20*', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  ('claude-3-7-sonnet-*', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-3-7-sonnet-*', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  ('claude-3-5-sonnet-*', 'anthropic', 'standard', 0, 0, 3000000, 3750000, 6000000, 300000, 15000000, 10000000000),
  ('claude-3-5-sonnet-*', 'anthropic', 'batch', 0, 0, 1500000, 1875000, 3000000, 150000, 7500000, 10000000000),
  -- Haiku 5.5; above 100,000 tokens of input the whole request has the higher price
  ('claude-haiku-5-5', 'anthropic', 'standard', 0, 0, 100000, 125000, 200000, 10000, 500000, 10000000000),
  ('claude-haiku-5-5', 'anthropic', 'batch', 0, 0, 50000, 62500, 100000, 5000, 250000, 10000000000),
  ('claude-haiku-5-5', 'anthropic', 'standard', 100000, 0, 500000, 625000, 1000000, 50000, 2500000, 10000000000),
  ('claude-haiku-5-5', 'anthropic', 'batch', 100000, 0, 250000, 312500, 500000, 25000, 1250000, 10000000000),
  ('claude-haiku-5-5-*', 'anthropic', 'standard', 0, 0, 100000, 125000, 200000, 10000, 500000, 10000000000),
  ('claude-haiku-5-5-*', 'anthropic', 'batch', 0, 0, 50000, 62500, 100000, 5000, 250000, 10000000000),
  ('claude-haiku-5-5-*', 'anthropic', 'standard', 100000, 0, 500000, 625000, 1000000, 50000, 2500000, 10000000000),
  ('claude-haiku-5-5-*', 'anthropic', 'batch', 100000, 0, 250000, 312500, 500000, 25000, 1250000, 10000000000),
  -- Haiku 4.5
  ('claude-haiku-4-5', 'anthropic', 'standard', 0, 0, 1000000, 1250000, 2000000, 100000, 5000000, 10000000000),
  ('claude-haiku-4-5', 'anthropic', 'batch', 0, 0, 500000, 625000, 1000000, 50000, 2500000, 10000000000),
  ('claude-haiku-4-5-*', 'anthropic', 'standard', 0, 0, 1000000, 1250000, 2000000, 100000, 5000000, 10000000000),
  ('claude-haiku-4-5-*', 'anthropic', 'batch', 0, 0, 500000, 625000, 1000000, 50000, 2500000, 10000000000),
  -- Haiku 3.5
  ('claude-3-5-haiku-*', 'anthropic', 'standard', 0, 0, 800000, 1000000, 1600000, 80000, 4000000, 10000000000),
  ('claude-3-5-haiku-*', 'anthropic', 'batch', 0, 0, 400000, 500000, 800000, 40000, 2000000, 10000000000),
  -- Haiku 3
  ('claude-3-haiku-*', 'anthropic', 'standard', 0, 0, 250000, 300000, 500000, 30000, 1250000, 10000000000),
  ('claude-3-haiku-*', 'anthropic', 'batch', 0, 0, 125000, 150000, 250000, 15000, 625000, 10000000000),
  -- gpt-4o from 2024-08-06 on
  ('gpt-4o', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 1250000, 10000000, 0),
  ('gpt-4o', 'openai', 'priority', 0, 0, 4250000, 4250000, 4250000, 2125000, 17000000, 0),
  ('gpt-4o', 'openai', 'batch', 0, 0, 1250000, 1250000, 1250000, 625000, 5000000, 0),
  ('gpt-4o-20*', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 1250000, 10000000, 0),
  ('gpt-4o-20*', 'openai', 'priority', 0, 0, 4250000, 4250000, 4250000, 2125000, 17000000, 0),
  ('gpt-4o-20*', 'openai', 'batch', 0, 0, 1250000, 1250000, 1250000, 625000, 5000000, 0),
  -- gpt-4o of 2024-05-13
  ('gpt-4o-2024-05-13', 'openai', 'standard', 0, 0, 5000000, 5000000, 5000000, 5000000, 15000000, 0),
  -- gpt-4o-mini
  ('gpt-4o-mini', 'openai', 'standard', 0, 0, 150000, 150000, 150000, 75000, 600000, 0),
  ('gpt-4o-mini', 'openai', 'priority', 0, 0, 250000, 250000, 250000, 125000, 1000000, 0),
  ('gpt-4o-mini-20*', 'openai', 'standard', 0, 0, 150000, 150000, 150000, 75000, 600000, 0),
  ('gpt-4o-mini-20*', 'openai', 'priority', 0, 0, 250000, 250000, 250000, 125000, 1000000, 0),
  -- gpt-4.1
  ('gpt-4.1', 'openai', 'standard', 0, 0, 2000000, 2000000, 2000000, 500000, 8000000, 0),
  ('gpt-4.1', 'openai', 'priority', 0, 0, 3500000, 3500000, 3500000, 875000, 14000000, 0),
  ('gpt-4.1', 'openai', 'batch', 0, 0, 1000000, 1000000, 1000000, 250000, 4000000, 0),
  ('gpt-4.1-20*', 'openai', 'standard', 0, 0, 2000000, 2000000, 2000000, 500000, 8000000, 0),
  ('gpt-4.1-20*', 'openai', 'priority', 0, 0, 3500000, 3500000, 3500000, 875000, 14000000, 0),
  ('gpt-4.1-20*', 'openai', 'batch', 0, 0, 1000000, 1000000, 1000000, 250000, 4000000, 0),
  -- gpt-4.1-mini
  ('gpt-4.1-mini', 'openai', 'standard', 0, 0, 400000, 400000, 400000, 100000, 1600000, 0),
  ('gpt-4.1-mini', 'openai', 'batch', 0, 0, 200000, 200000, 200000, 50000, 800000, 0),
  ('gpt-4.1-mini-20*', 'openai', 'standard', 0, 0, 400000, 400000, 400000, 100000, 1600000, 0),
  ('gpt-4.1-mini-20*', 'openai', 'batch', 0, 0, 200000, 200000, 200000, 50000, 800000, 0),
  -- gpt-4.1-nano
  ('gpt-4.1-nano', 'openai', 'standard', 0, 0, 100000, 100000, 100000, 25000, 400000, 0),
  ('gpt-4.1-nano', 'openai', 'batch', 0, 0, 50000, 50000, 50000, 12500, 200000, 0),
  ('gpt-4.1-nano-20*', 'openai', 'standard', 0, 0, 100000, 100000, 100000, 25000, 400000, 0),
  ('gpt-4.1-nano-20*', 'openai', 'batch', 0, 0, 50000, 50000, 50000, 12500, 200000, 0),
  -- gpt-5 and 5.1 with their codex and chat forms
  ('gpt-5', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5-20*', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5-20*', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5-20*', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5.1', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5.1', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5.1', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5.1-20*', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5.1-20*', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5.1-20*', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5-codex', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5-codex', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5-codex', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5-codex-20*', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5-codex-20*', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5-codex-20*', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5.1-codex', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5.1-codex', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5.1-codex', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5.1-codex-20*', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5.1-codex-20*', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5.1-codex-20*', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5.1-codex-max', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5.1-codex-max', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5.1-codex-max', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5.1-codex-max-20*', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5.1-codex-max-20*', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5.1-codex-max-20*', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5-chat-latest', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5-chat-latest', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5-chat-latest', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  ('gpt-5.1-chat-latest', 'openai', 'standard', 0, 0, 1250000, 1250000, 1250000, 125000, 10000000, 0),
  ('gpt-5.1-chat-latest', 'openai', 'flex', 0, 0, 625000, 625000, 625000, 62500, 5000000, 0),
  ('gpt-5.1-chat-latest', 'openai', 'priority', 0, 0, 2500000, 2500000, 2500000, 250000, 20000000, 0),
  -- gpt-5-mini, gpt-5.1-codex-mini
  ('gpt-5-mini', 'openai', 'standard', 0, 0, 250000, 250000, 250000, 25000, 2000000, 0),
  ('gpt-5-mini', 'openai', 'flex', 0, 0, 125000, 125000, 125000, 12500, 1000000, 0),
  ('gpt-5-mini', 'openai', 'priority', 0, 0, 450000, 450000, 450000, 45000, 3600000, 0),
  ('gpt-5-mini-20*', 'openai', 'standard', 0, 0, 250000, 250000, 250000, 25000, 2000000, 0),
  ('gpt-5-mini-20*', 'openai', 'flex', 0, 0, 125000, 125000, 125000, 12500, 1000000, 0),
  ('gpt-5-mini-20*', 'openai', 'priority', 0, 0, 450000, 450000, 450000, 45000, 3600000, 0),
  ('gpt-5.1-codex-mini', 'openai', 'standard', 0, 0, 250000, 250000, 250000, 25000, 2000000, 0),
  ('gpt-5.1-codex-mini', 'openai', 'flex', 0, 0, 125000, 125000, 125000, 12500, 1000000, 0),
  ('gpt-5.1-codex-mini', 'openai', 'priority', 0, 0, 450000, 450000, 450000, 45000, 3600000, 0),
  ('gpt-5.1-codex-mini-20*', 'openai', 'standard', 0, 0, 250000, 250000, 250000, 25000, 2000000, 0),
  ('gpt-5.1-codex-mini-20*', 'openai', 'flex', 0, 0, 125000, 125000, 125000, 12500, 1000000, 0),
  ('gpt-5.1-codex-mini-20*', 'openai', 'priority', 0, 0, 450000, 450000, 450000, 45000, 3600000, 0),
  -- gpt-5-nano
  ('gpt-5-nano', 'openai', 'standard', 0, 0, 50000, 50000, 50000, 5000, 400000, 0),
  ('gpt-5-nano', 'openai', 'flex', 0, 0, 25000, 25000, 25000, 2500, 200000, 0),
  ('gpt-5-nano-20*', 'openai', 'standard', 0, 0, 50000, 50000, 50000, 5000, 400000, 0),
  ('gpt-5-nano-20*', 'openai', 'flex', 0, 0, 25000, 25000, 25000, 2500, 200000, 0),
  -- gpt-5-pro
  ('gpt-5-pro', 'openai', 'standard', 0, 0, 15000000, 15000000, 15000000, 15000000, 120000000, 0),
  ('gpt-5-pro', 'openai', 'batch', 0, 0, 7500000, 7500000, 7500000, 7500000, 60000000, 0),
  ('gpt-5-pro-20*', 'openai', 'standard', 0, 0, 15000000, 15000000, 15000000, 15000000, 120000000, 0),
  ('gpt-5-pro-20*', 'openai', 'batch', 0, 0, 7500000, 7500000, 7500000, 7500000, 60000000, 0),
  -- gpt-5.2, gpt-5.2-codex, gpt-5.3-codex
  ('gpt-5.2', 'openai', 'standard', 0, 0, 1750000, 1750000, 1750000, 175000, 14000000, 0),
  ('gpt-5.2', 'openai', 'priority', 0, 0, 3500000, 3500000, 3500000, 350000, 28000000, 0),
  ('gpt-5.2-20*', 'openai', 'standard', 0, 0, 1750000, 1750000, 1750000, 175000, 14000000, 0),
  ('gpt-5.2-20*', 'openai', 'priority', 0, 0, 3500000, 3500000, 3500000, 350000, 28000000, 0),
  ('gpt-5.2-codex', 'openai', 'standard', 0, 0, 1750000, 1750000, 1750000, 175000, 14000000, 0),
  ('gpt-5.2-codex', 'openai', 'priority', 0, 0, 3500000, 3500000, 3500000, 350000, 28000000, 0),
  ('gpt-5.2-codex-20*', 'openai', 'standard', 0, 0, 1750000, 1750000, 1750000, 175000, 14000000, 0),
  ('gpt-5.2-codex-20*', 'openai', 'priority', 0, 0, 3500000, 3500000, 3500000, 350000, 28000000, 0),
  ('gpt-5.3-codex', 'openai', 'standard', 0, 0, 1750000, 1750000, 1750000, 175000, 14000000, 0),
  ('gpt-5.3-codex', 'openai', 'priority', 0, 0, 3500000, 3500000, 3500000, 350000, 28000000, 0),
  ('gpt-5.3-codex-20*', 'openai', 'standard', 0, 0, 1750000, 1750000, 1750000, 175000, 14000000, 0),
  ('gpt-5.3-codex-20*', 'openai', 'priority', 0, 0, 3500000, 3500000, 3500000, 350000, 28000000, 0),
  -- gpt-5.2-pro
  ('gpt-5.2-pro', 'openai', 'standard', 0, 0, 21000000, 21000000, 21000000, 21000000, 168000000, 0),
  ('gpt-5.2-pro-20*', 'openai', 'standard', 0, 0, 21000000, 21000000, 21000000, 21000000, 168000000, 0),
  -- gpt-5.4; above 272,000 tokens of input the whole request has the higher price
  ('gpt-5.4', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 250000, 15000000, 0),
  ('gpt-5.4', 'openai', 'standard', 272000, 0, 5000000, 5000000, 5000000, 500000, 22500000, 0),
  ('gpt-5.4-20*', 'openai', 'standard', 0, 0, 2500000, 2500000, 2500000, 250000, 15000000, 0),
  ('gpt-5.4-20*', 'openai', 'standard', 272000, 0, 5000000, 5000000, 5000000, 500000, 22500000, 0),
  -- gpt-5.4-mini
  ('gpt-5.4-mini', 'openai', 'standard', 0, 0, 750000, 750000, 750000, 75000, 4500000, 0),
  ('gpt-5.4-mini-20*', 'openai', 'standard', 0, 0, 750000, 750000, 750000, 75000, 4500000, 0),
  -- gpt-5.4-nano
  ('gpt-5.4-nano', 'openai', 'standard', 0, 0, 200000, 200000, 200000, 20000, 1250000, 0),
  ('gpt-5.4-nano-20*', 'openai', 'standard', 0, 0, 200000, 200000, 200000, 20000, 1250000, 0),
  -- gpt-5.5; above 272,000 as for 5.4
  ('gpt-5.5', 'openai', 'standard', 0, 0, 5000000, 5000000, 5000000, 500000, 30000000, 0),
  ('gpt-5.5', 'openai', 'standard', 272000, 0, 10000000, 10000000, 10000000, 1000000, 45000000, 0),
  ('gpt-5.5-20*', 'openai', 'standard', 0, 0, 5000000, 5000000, 5000000, 500000, 30000000, 0),
  ('gpt-5.5-20*', 'openai', 'standard', 272000, 0, 10000000, 10000000, 10000000, 1000000, 45000000, 0),
  -- gpt-5.6-sol
  ('gpt-5.6-sol', 'openai', 'standard', 0, 0, 5000000, 6250000, 6250000, 500000, 30000000, 0),
  ('gpt-5.6-sol-20*', 'openai', 'standard', 0, 0, 5000000, 6250000, 6250000, 500000, 30000000, 0),
  -- gpt-5.6-terra
  ('gpt-5.6-terra', 'openai', 'standard', 0, 0, 2000000, 2500000, 2500000, 200000, 12000000, 0),
  ('gpt-5.6-terra-20*', 'openai', 'standard', 0, 0, 2000000, 2500000, 2500000, 200000, 12000000, 0),
  -- gpt-5.6-luna
  ('gpt-5.6-luna', 'openai', 'standard', 0, 0, 200000, 250000, 250000, 20000, 1200000, 0),
  ('gpt-5.6-luna-20*', 'openai', 'standard', 0, 0, 200000, 250000, 250000, 20000, 1200000, 0),
  -- gpt-6-sol
  ('gpt-6-sol', 'openai', 'standard', 0, 0, 2000000, 2500000, 2500000, 200000, 10000000, 0),
  ('gpt-6-sol-20*', 'openai', 'standard', 0, 0, 2000000, 2500000, 2500000, 200000, 10000000, 0),
  -- gpt-6-luna
  ('gpt-6-luna', 'openai', 'standard', 0, 0, 100000, 125000, 125000, 10000, 500000, 0),
  ('gpt-6-luna-20*', 'openai', 'standard', 0, 0, 100000, 125000, 125000, 10000, 500000, 0),
  -- codex-mini-latest
  ('codex-mini-latest', 'openai', 'standard', 0, 0, 1500000, 1500000, 1500000, 375000, 6000000, 0),
  -- o3
  ('o3', 'openai', 'standard', 0, 0, 2000000, 2000000, 2000000, 500000, 8000000, 0),
  ('o3', 'openai', 'flex', 0, 0, 1000000, 1000000, 1000000, 250000, 4000000, 0),
  ('o3-20*', 'openai', 'standard', 0, 0, 2000000, 2000000, 2000000, 500000, 8000000, 0),
  ('o3-20*', 'openai', 'flex', 0, 0, 1000000, 1000000, 1000000, 250000, 4000000, 0),
  -- o4-mini
  ('o4-mini', 'openai', 'standard', 0, 0, 1100000, 1100000, 1100000, 275000, 4400000, 0),
  ('o4-mini', 'openai', 'flex', 0, 0, 550000, 550000, 550000, 137500, 2200000, 0),
  ('o4-mini-20*', 'openai', 'standard', 0, 0, 1100000, 1100000, 1100000, 275000, 4400000, 0),
  ('o4-mini-20*', 'openai', 'flex', 0, 0, 550000, 550000, 550000, 137500, 2200000, 0),
  -- o3-mini
  ('o3-mini', 'openai', 'standard', 0, 0, 1100000, 1100000, 1100000, 550000, 4400000, 0),
  ('o3-mini-20*', 'openai', 'standard', 0, 0, 1100000, 1100000, 1100000, 550000, 4400000, 0),
  -- o1
  ('o1', 'openai', 'standard', 0, 0, 15000000, 15000000, 15000000, 7500000, 60000000, 0),
  ('o1-20*', 'openai', 'standard', 0, 0, 15000000, 15000000, 15000000, 7500000, 60000000, 0),
  -- o3-pro
  ('o3-pro', 'openai', 'standard', 0, 0, 20000000, 20000000, 20000000, 20000000, 80000000, 0),
  ('o3-pro-20*', 'openai', 'standard', 0, 0, 20000000, 20000000, 20000000, 20000000, 80000000, 0),
  -- text-embedding-3-small
  ('text-embedding-3-small', 'openai', 'standard', 0, 0, 20000, 20000, 20000, 20000, 0, 0),
  ('text-embedding-3-small', 'openai', 'batch', 0, 0, 10000, 10000, 10000, 10000, 0, 0),
  -- text-embedding-3-large
  ('text-embedding-3-large', 'openai', 'standard', 0, 0, 130000, 130000, 130000, 130000, 0, 0),
  ('text-embedding-3-large', 'openai', 'batch', 0, 0, 65000, 65000, 65000, 65000, 0, 0);
