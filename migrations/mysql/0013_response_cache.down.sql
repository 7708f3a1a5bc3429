ALTER TABLE api_keys DROP COLUMN cache_ttl_seconds;
