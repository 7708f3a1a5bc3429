DROP INDEX api_keys_expires;
DROP TABLE known_devices;
DROP INDEX notifications_subject;
ALTER TABLE notifications DROP COLUMN in_app;
ALTER TABLE notifications DROP COLUMN subject;
CREATE TABLE email_tokens_3 (
  token_hash    TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose       TEXT NOT NULL CHECK (purpose IN ('verify', 'reset')),
  email         TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  used_at_ms    BIGINT
);
INSERT INTO email_tokens_3 SELECT token_hash, user_id, purpose, email, created_at_ms, expires_at_ms, used_at_ms
  FROM email_tokens WHERE purpose <> 'restore';
DROP TABLE email_tokens;
ALTER TABLE email_tokens_3 RENAME TO email_tokens;
CREATE INDEX email_tokens_user ON email_tokens (user_id, purpose);
CREATE INDEX email_tokens_expires ON email_tokens (expires_at_ms);
DROP TABLE outbox;
