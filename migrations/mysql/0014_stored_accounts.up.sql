-- Accounts at the providers are the administrators' to keep. No row was ever made by a relay before this.
ALTER TABLE upstream_accounts
  ADD COLUMN credential_hint VARCHAR(64) NOT NULL DEFAULT '',
  ADD COLUMN sealed_proxy_password TEXT NOT NULL DEFAULT (''),
  ADD COLUMN model_map MEDIUMTEXT NOT NULL DEFAULT (''),
  ADD COLUMN dialect VARCHAR(32) NOT NULL DEFAULT '',
  ADD COLUMN account_groups TEXT NOT NULL DEFAULT (''),
  ADD COLUMN daily_spend_cap_nano_usd BIGINT,
  ADD UNIQUE KEY upstream_accounts_name (name);
-- next
UPDATE upstream_accounts SET dialect = CASE provider WHEN 'openai' THEN 'responses' ELSE 'messages' END;
-- next
-- Which accounts serve whom: a key's own group, else its plan's; NULL: the accounts without a group.
ALTER TABLE plans ADD COLUMN account_group VARCHAR(64);
-- next
ALTER TABLE api_keys ADD COLUMN account_group VARCHAR(64);
