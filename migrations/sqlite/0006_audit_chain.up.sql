-- The audit trail as a chain under a key that is not in the store: domain/audit_chain.h says what row_hash and seal
-- cover. Nothing was kept before. No foreign keys: the record of a deed outlives who did it.
DROP TABLE audit_logs;
CREATE TABLE audit_logs (
  sequence      INTEGER PRIMARY KEY,  -- without a gap, behind the anchor's
  id            TEXT NOT NULL CONSTRAINT audit_logs_id UNIQUE,
  actor_kind    TEXT NOT NULL CHECK (actor_kind IN ('nobody', 'user', 'admin', 'operator', 'relay')),
  actor_id      TEXT NOT NULL DEFAULT '',
  user_id       TEXT NOT NULL DEFAULT '',
  action        TEXT NOT NULL,
  outcome       TEXT NOT NULL CHECK (outcome IN ('success', 'failure')),
  target        TEXT NOT NULL DEFAULT '',
  address       TEXT NOT NULL DEFAULT '',
  user_agent    TEXT NOT NULL DEFAULT '',
  request_id    TEXT NOT NULL DEFAULT '',
  details       TEXT NOT NULL DEFAULT '{}',
  created_at_ms BIGINT NOT NULL,
  row_hash      TEXT NOT NULL
);
CREATE INDEX audit_logs_user ON audit_logs (user_id, created_at_ms, id);
CREATE INDEX audit_logs_actor ON audit_logs (actor_id, created_at_ms, id);
CREATE INDEX audit_logs_created ON audit_logs (created_at_ms, id);

-- One row: where the chain ends, and up to where it was trimmed.
CREATE TABLE audit_head (
  id              INTEGER PRIMARY KEY CHECK (id = 1),
  sequence        BIGINT NOT NULL,
  row_hash        TEXT NOT NULL,
  anchor_sequence BIGINT NOT NULL,
  anchor_hash     TEXT NOT NULL,
  seal            TEXT NOT NULL
);
