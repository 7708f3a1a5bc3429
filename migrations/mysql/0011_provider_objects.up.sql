-- Whose the files, batches and stored responses at the providers are.
CREATE TABLE provider_objects (
  id             VARCHAR(191) NOT NULL PRIMARY KEY,  -- the provider's
  provider       VARCHAR(32) NOT NULL,
  kind           BIGINT NOT NULL,  -- 1 file, 2 batch, 3 response
  user_id        VARCHAR(64) NOT NULL,
  key_id         VARCHAR(64) NOT NULL,  -- no reference: it outlives its key
  account_id     VARCHAR(191) NOT NULL,
  model          VARCHAR(512) NOT NULL,
  purpose        VARCHAR(64) NOT NULL,
  batch_id       VARCHAR(191) NOT NULL,  -- of a file that a batch wrote
  created_at_ms  BIGINT NOT NULL,
  expires_at_ms  BIGINT,
  usage_recorded BIGINT NOT NULL,
  KEY provider_objects_user (user_id, provider, kind, created_at_ms, id),
  KEY provider_objects_expires (expires_at_ms),
  CONSTRAINT provider_objects_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
