ALTER TABLE api_keys DROP COLUMN account_group;
-- next
ALTER TABLE plans DROP COLUMN account_group;
-- next
ALTER TABLE upstream_accounts
  DROP KEY upstream_accounts_name,
  DROP COLUMN daily_spend_cap_nano_usd,
  DROP COLUMN account_groups,
  DROP COLUMN dialect,
  DROP COLUMN model_map,
  DROP COLUMN sealed_proxy_password,
  DROP COLUMN credential_hint;
