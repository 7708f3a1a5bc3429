-- What is owed, what people are told, and the accounts that calls go out on.

-- An amount above 0 is in the user's favour (a payment, a credit), below 0 is owed (a period's charge).
-- Written once: a mistake is mended by another record.
CREATE TABLE billing_records (
  id              VARCHAR(64) PRIMARY KEY,
  user_id         VARCHAR(64) NOT NULL,
  kind            VARCHAR(16) NOT NULL,
  amount_nano_usd BIGINT NOT NULL,
  balance_after_nano_usd BIGINT NOT NULL,
  period_start_ms BIGINT,
  period_end_ms   BIGINT,
  reference       VARCHAR(512),  -- of the payment, so that none counts twice
  description     MEDIUMTEXT NOT NULL DEFAULT (''),
  created_at_ms   BIGINT NOT NULL,
  UNIQUE KEY billing_records_reference (reference),
  KEY billing_records_user (user_id, created_at_ms, id),
  CONSTRAINT billing_records_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT billing_records_kind CHECK (kind IN ('payment', 'credit', 'charge', 'refund', 'adjustment'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- subject: what it is about, once ("key_1 expires at …"), or null. A row with in_app 0 is not shown: it keeps
-- that the person was told by mail.
CREATE TABLE notifications (
  id            VARCHAR(64) PRIMARY KEY,
  user_id       VARCHAR(64) NOT NULL,
  kind          VARCHAR(64) NOT NULL,
  title         TEXT NOT NULL,
  body          MEDIUMTEXT NOT NULL,
  data          MEDIUMTEXT NOT NULL DEFAULT ('{}'),
  created_at_ms BIGINT NOT NULL,
  read_at_ms    BIGINT,
  subject       VARCHAR(512),
  in_app        INT NOT NULL DEFAULT 1,
  UNIQUE KEY notifications_user_id (user_id, subject),
  KEY notifications_user (user_id, created_at_ms, id),
  KEY notifications_created (created_at_ms),
  CONSTRAINT notifications_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
CREATE TABLE upstream_accounts (
  id                VARCHAR(64) PRIMARY KEY,
  name              VARCHAR(512) NOT NULL,
  provider          VARCHAR(32) NOT NULL,
  base_url          TEXT NOT NULL,
  sealed_credential MEDIUMTEXT NOT NULL,  -- base64 of the sealed box
  weight            BIGINT NOT NULL DEFAULT 1,
  priority          BIGINT NOT NULL DEFAULT 0,
  concurrency       BIGINT NOT NULL DEFAULT 0,
  models            MEDIUMTEXT NOT NULL DEFAULT (''),
  proxy             TEXT NOT NULL DEFAULT (''),
  enabled           INT NOT NULL DEFAULT 1,
  created_at_ms     BIGINT NOT NULL,
  updated_at_ms     BIGINT NOT NULL,
  KEY upstream_accounts_provider (provider, enabled),
  CONSTRAINT upstream_accounts_known CHECK (provider IN ('anthropic', 'openai'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
CREATE VIEW user_balances AS
  SELECT u.id AS user_id, u.balance_nano_usd,
         COALESCE((SELECT SUM(b.amount_nano_usd) FROM billing_records b WHERE b.user_id = u.id), 0) AS booked_nano_usd,
         (SELECT COUNT(*) FROM notifications n WHERE n.user_id = u.id AND n.read_at_ms IS NULL) AS unread_notifications
    FROM users u;
