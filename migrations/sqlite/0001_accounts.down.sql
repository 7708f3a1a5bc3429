DROP VIEW user_accounts;
DROP TABLE sealed_secrets;
DROP TABLE email_tokens;
DROP TABLE api_keys;
DROP TABLE session_spent_tokens;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE plans;
