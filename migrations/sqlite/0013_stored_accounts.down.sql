ALTER TABLE api_keys DROP COLUMN account_group;
ALTER TABLE plans DROP COLUMN account_group;
DROP INDEX upstream_accounts_name;
ALTER TABLE upstream_accounts DROP COLUMN daily_spend_cap_nano_usd;
ALTER TABLE upstream_accounts DROP COLUMN account_groups;
ALTER TABLE upstream_accounts DROP COLUMN dialect;
ALTER TABLE upstream_accounts DROP COLUMN model_map;
ALTER TABLE upstream_accounts DROP COLUMN sealed_proxy_password;
ALTER TABLE upstream_accounts DROP COLUMN credential_hint;
