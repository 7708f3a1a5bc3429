-- The audit trail as a chain under a key that is not in the store: domain/audit_chain.h says what row_hash and seal
-- cover. No foreign keys: the record of a deed outlives who did it.
CREATE TABLE audit_logs (
  sequence      BIGINT PRIMARY KEY,  -- without a gap, behind the anchor's
  id            VARCHAR(64) NOT NULL,
  actor_kind    VARCHAR(16) NOT NULL,
  actor_id      VARCHAR(191) NOT NULL DEFAULT '',
  user_id       VARCHAR(191) NOT NULL DEFAULT '',
  action        VARCHAR(191) NOT NULL,
  outcome       VARCHAR(16) NOT NULL,
  target        TEXT NOT NULL DEFAULT (''),
  address       VARCHAR(191) NOT NULL DEFAULT '',
  user_agent    TEXT NOT NULL DEFAULT (''),
  request_id    VARCHAR(191) NOT NULL DEFAULT '',
  details       MEDIUMTEXT NOT NULL DEFAULT ('{}'),
  created_at_ms BIGINT NOT NULL,
  row_hash      VARCHAR(128) NOT NULL,
  UNIQUE KEY audit_logs_id (id),
  KEY audit_logs_user (user_id, created_at_ms, id),
  KEY audit_logs_actor (actor_id, created_at_ms, id),
  KEY audit_logs_created (created_at_ms, id),
  CONSTRAINT audit_logs_kind CHECK (actor_kind IN ('nobody', 'user', 'admin', 'operator', 'relay')),
  CONSTRAINT audit_logs_outcome CHECK (outcome IN ('success', 'failure'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- One row: where the chain ends, and up to where it was trimmed.
CREATE TABLE audit_head (
  id              INT PRIMARY KEY,
  sequence        BIGINT NOT NULL,
  row_hash        VARCHAR(128) NOT NULL,
  anchor_sequence BIGINT NOT NULL,
  anchor_hash     VARCHAR(128) NOT NULL,
  seal            VARCHAR(255) NOT NULL,
  CONSTRAINT audit_head_one CHECK (id = 1)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
