-- Accounts at the providers are the administrators' to keep. No row was ever made by a relay before this.
ALTER TABLE upstream_accounts ADD COLUMN credential_hint TEXT NOT NULL DEFAULT '';
ALTER TABLE upstream_accounts ADD COLUMN sealed_proxy_password TEXT NOT NULL DEFAULT '';
ALTER TABLE upstream_accounts ADD COLUMN model_map TEXT NOT NULL DEFAULT '';
ALTER TABLE upstream_accounts ADD COLUMN dialect TEXT NOT NULL DEFAULT '';
ALTER TABLE upstream_accounts ADD COLUMN account_groups TEXT NOT NULL DEFAULT '';
ALTER TABLE upstream_accounts ADD COLUMN daily_spend_cap_nano_usd BIGINT;
UPDATE upstream_accounts SET dialect = CASE provider WHEN 'openai' THEN 'responses' ELSE 'messages' END;
CREATE UNIQUE INDEX upstream_accounts_name ON upstream_accounts (name);

-- Which accounts serve whom: a key's own group, else its plan's; NULL: the accounts without a group.
ALTER TABLE plans ADD COLUMN account_group TEXT;
ALTER TABLE api_keys ADD COLUMN account_group TEXT;
