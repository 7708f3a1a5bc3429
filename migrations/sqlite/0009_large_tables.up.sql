-- Everybody's keys, the newest first.
CREATE INDEX api_keys_created ON api_keys (created_at_ms, id);
