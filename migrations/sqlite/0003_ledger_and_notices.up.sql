-- What is owed, what people are told, what was done by whom, and the accounts that calls go out on.

-- An amount above 0 is in the user's favour (a payment, a credit), below 0 is owed (a period's charge).
-- Written once: a mistake is mended by another record.
CREATE TABLE billing_records (
  id              TEXT PRIMARY KEY,
  user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
  kind            TEXT NOT NULL CHECK (kind IN ('payment', 'credit', 'charge', 'refund', 'adjustment')),
  amount_nano_usd BIGINT NOT NULL,
  balance_after_nano_usd BIGINT NOT NULL,
  period_start_ms BIGINT,
  period_end_ms   BIGINT,
  reference       TEXT CONSTRAINT billing_records_reference UNIQUE,  -- of the payment, so that none counts twice
  description     TEXT NOT NULL DEFAULT '',
  created_at_ms   BIGINT NOT NULL
);
CREATE INDEX billing_records_user ON billing_records (user_id, created_at_ms, id);

CREATE TABLE notifications (
  id            TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind          TEXT NOT NULL,
  title         TEXT NOT NULL,
  body          TEXT NOT NULL,
  data          TEXT NOT NULL DEFAULT '{}',
  created_at_ms BIGINT NOT NULL,
  read_at_ms    BIGINT
);
CREATE INDEX notifications_user ON notifications (user_id, created_at_ms, id);

-- Each row's hash covers the row and the hash before it: a changed or missing row shows. No foreign keys:
-- the record of a deed outlives who did it.
CREATE TABLE audit_logs (
  sequence      INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT NOT NULL CONSTRAINT audit_logs_id UNIQUE,
  actor_id      TEXT NOT NULL,
  user_id       TEXT NOT NULL,
  action        TEXT NOT NULL,
  target        TEXT NOT NULL DEFAULT '',
  address       TEXT NOT NULL DEFAULT '',
  request_id    TEXT NOT NULL DEFAULT '',
  details       TEXT NOT NULL DEFAULT '{}',
  created_at_ms BIGINT NOT NULL,
  previous_hash TEXT NOT NULL,
  row_hash      TEXT NOT NULL CONSTRAINT audit_logs_row_hash UNIQUE
);
CREATE INDEX audit_logs_user ON audit_logs (user_id, created_at_ms, id);
CREATE INDEX audit_logs_actor ON audit_logs (actor_id, sequence);

CREATE TABLE upstream_accounts (
  id                TEXT PRIMARY KEY,
  name              TEXT NOT NULL,
  provider          TEXT NOT NULL CHECK (provider IN ('anthropic', 'openai')),
  base_url          TEXT NOT NULL,
  sealed_credential TEXT NOT NULL,  -- base64 of the sealed box
  weight            BIGINT NOT NULL DEFAULT 1,
  priority          BIGINT NOT NULL DEFAULT 0,
  concurrency       BIGINT NOT NULL DEFAULT 0,
  models            TEXT NOT NULL DEFAULT '',
  proxy             TEXT NOT NULL DEFAULT '',
  enabled           INTEGER NOT NULL DEFAULT 1,
  created_at_ms     BIGINT NOT NULL,
  updated_at_ms     BIGINT NOT NULL
);
CREATE INDEX upstream_accounts_provider ON upstream_accounts (provider, enabled);

CREATE VIEW user_balances AS
  SELECT u.id AS user_id, u.balance_nano_usd,
         COALESCE((SELECT SUM(b.amount_nano_usd) FROM billing_records b WHERE b.user_id = u.id), 0) AS booked_nano_usd,
         (SELECT COUNT(*) FROM notifications n WHERE n.user_id = u.id AND n.read_at_ms IS NULL) AS unread_notifications
    FROM users u;
