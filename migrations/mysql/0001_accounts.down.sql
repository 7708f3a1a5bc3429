DROP VIEW user_accounts;
-- next
DROP TABLE sealed_secrets;
-- next
DROP TABLE email_tokens;
-- next
DROP TABLE api_keys;
-- next
DROP TABLE session_spent_tokens;
-- next
DROP TABLE sessions;
-- next
DROP TABLE users;
-- next
DROP TABLE plans;
