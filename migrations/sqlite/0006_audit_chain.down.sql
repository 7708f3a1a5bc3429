DROP TABLE audit_head;
DROP TABLE audit_logs;
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
