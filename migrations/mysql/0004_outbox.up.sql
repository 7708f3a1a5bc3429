-- Mail that waits to be sent, and the devices that people are known by.

-- One node at a time sends a mail: the one that holds it until lease_until_ms. What was sent is deleted.
CREATE TABLE outbox (
  id             VARCHAR(64) PRIMARY KEY,
  kind           VARCHAR(64) NOT NULL,
  user_id        VARCHAR(64) NOT NULL DEFAULT '',
  recipient      VARCHAR(512) NOT NULL,
  details        MEDIUMTEXT NOT NULL,
  attempts       BIGINT NOT NULL DEFAULT 0,
  due_at_ms      BIGINT NOT NULL,
  holder         VARCHAR(191) NOT NULL DEFAULT '',
  lease_until_ms BIGINT NOT NULL DEFAULT 0,
  last_error     TEXT NOT NULL DEFAULT (''),
  given_up_at_ms BIGINT,
  created_at_ms  BIGINT NOT NULL,
  KEY outbox_due (given_up_at_ms, due_at_ms),
  KEY outbox_user (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
CREATE TABLE known_devices (
  user_id          VARCHAR(64) NOT NULL,
  fingerprint      VARCHAR(128) NOT NULL,
  first_seen_at_ms BIGINT NOT NULL,
  last_seen_at_ms  BIGINT NOT NULL,
  PRIMARY KEY (user_id, fingerprint),
  KEY known_devices_seen (last_seen_at_ms),
  CONSTRAINT known_devices_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
