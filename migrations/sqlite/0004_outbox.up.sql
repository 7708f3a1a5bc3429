-- Mail that waits to be sent, links that take a changed address back, what people are told once, and the devices
-- they are known by.

-- One node at a time sends a mail: the one that holds it until lease_until_ms. What was sent is deleted.
CREATE TABLE outbox (
  id             TEXT PRIMARY KEY,
  kind           TEXT NOT NULL,
  user_id        TEXT NOT NULL DEFAULT '',
  recipient      TEXT NOT NULL,
  details        TEXT NOT NULL,
  attempts       BIGINT NOT NULL DEFAULT 0,
  due_at_ms      BIGINT NOT NULL,
  holder         TEXT NOT NULL DEFAULT '',
  lease_until_ms BIGINT NOT NULL DEFAULT 0,
  last_error     TEXT NOT NULL DEFAULT '',
  given_up_at_ms BIGINT,
  created_at_ms  BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (given_up_at_ms, due_at_ms);
CREATE INDEX outbox_user ON outbox (user_id);

-- A third purpose: 'restore' takes a changed address back.
CREATE TABLE email_tokens_4 (
  token_hash    TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose       TEXT NOT NULL CHECK (purpose IN ('verify', 'reset', 'restore')),
  email         TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  used_at_ms    BIGINT
);
INSERT INTO email_tokens_4 SELECT token_hash, user_id, purpose, email, created_at_ms, expires_at_ms, used_at_ms FROM email_tokens;
DROP TABLE email_tokens;
ALTER TABLE email_tokens_4 RENAME TO email_tokens;
CREATE INDEX email_tokens_user ON email_tokens (user_id, purpose);
CREATE INDEX email_tokens_expires ON email_tokens (expires_at_ms);

-- subject: what it is about, once ("key_1 expires at …"), or null. A row with in_app 0 is not shown: it keeps
-- that the person was told by mail.
ALTER TABLE notifications ADD COLUMN subject TEXT;
ALTER TABLE notifications ADD COLUMN in_app INTEGER NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX notifications_subject ON notifications (user_id, subject);

CREATE TABLE known_devices (
  user_id          TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  fingerprint      TEXT NOT NULL,
  first_seen_at_ms BIGINT NOT NULL,
  last_seen_at_ms  BIGINT NOT NULL,
  PRIMARY KEY (user_id, fingerprint)
);
CREATE INDEX known_devices_seen ON known_devices (last_seen_at_ms);

CREATE INDEX api_keys_expires ON api_keys (expires_at_ms, id);
