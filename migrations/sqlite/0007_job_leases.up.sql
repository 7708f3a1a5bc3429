-- Which node does a job that one at a time may do.
CREATE TABLE job_leases (
  job            TEXT PRIMARY KEY,
  holder         TEXT NOT NULL DEFAULT '',
  lease_until_ms BIGINT NOT NULL DEFAULT 0
);

-- What clean-up looks for.
CREATE INDEX notifications_created ON notifications (created_at_ms);
CREATE INDEX api_keys_updated ON api_keys (status, updated_at_ms);
CREATE INDEX users_updated ON users (status, updated_at_ms);
