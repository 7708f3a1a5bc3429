-- Whether a key's answers are kept for calls that are the same. NULL: no; 0: as long as the relay does by itself.
ALTER TABLE api_keys ADD COLUMN cache_ttl_seconds BIGINT;
