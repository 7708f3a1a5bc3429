-- Accounts at the providers, which no relay has made before this; and api_keys.account_group and plans.account_group,
-- columns that may be missing. No row changes.
return false
