-- Whether a key's answers are kept for calls that are the same: api_keys.cache_ttl_seconds, a column that may be
-- missing. No row changes.
return false
