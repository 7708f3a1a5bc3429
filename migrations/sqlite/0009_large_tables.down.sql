DROP INDEX api_keys_created;
