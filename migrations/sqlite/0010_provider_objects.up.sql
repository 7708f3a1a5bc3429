-- Whose the files, batches and stored responses at the providers are.
CREATE TABLE provider_objects (
  id             TEXT PRIMARY KEY,  -- the provider's
  provider       TEXT NOT NULL,
  kind           BIGINT NOT NULL,   -- 1 file, 2 batch, 3 response
  user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  key_id         TEXT NOT NULL,     -- no reference: it outlives its key
  account_id     TEXT NOT NULL,
  model          TEXT NOT NULL,
  purpose        TEXT NOT NULL,
  batch_id       TEXT NOT NULL,     -- of a file that a batch wrote
  created_at_ms  BIGINT NOT NULL,
  expires_at_ms  BIGINT,
  usage_recorded BIGINT NOT NULL
);
CREATE INDEX provider_objects_user ON provider_objects (user_id, provider, kind, created_at_ms, id);
CREATE INDEX provider_objects_expires ON provider_objects (expires_at_ms);
