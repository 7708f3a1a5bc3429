-- Ways in beside a password: the second factor, and accounts at other sites.

-- last_step: the newest step of 30 seconds whose code was used; no code of it or before works again.
-- Not confirmed: set up, but no code was seen yet.
CREATE TABLE two_factors (
  user_id         VARCHAR(64) PRIMARY KEY,
  sealed_secret   TEXT NOT NULL,
  last_step       BIGINT NOT NULL DEFAULT 0,
  confirmed_at_ms BIGINT,
  created_at_ms   BIGINT NOT NULL,
  CONSTRAINT two_factors_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
CREATE TABLE recovery_codes (
  user_id    VARCHAR(64) NOT NULL,
  code_hash  VARCHAR(128) NOT NULL,
  used_at_ms BIGINT,
  PRIMARY KEY (user_id, code_hash),
  CONSTRAINT recovery_codes_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- Who somebody is elsewhere: `subject` means one person at one `issuer`, whatever the provider is called here.
-- Bytes: a subject with a space at its end is somebody else.
CREATE TABLE user_identities (
  id              VARCHAR(64) PRIMARY KEY,
  user_id         VARCHAR(64) NOT NULL,
  provider        VARCHAR(64) NOT NULL,
  issuer          VARBINARY(1024) NOT NULL,
  subject         VARBINARY(1024) NOT NULL,
  email           VARCHAR(512) NOT NULL,
  created_at_ms   BIGINT NOT NULL,
  last_used_at_ms BIGINT NOT NULL,
  UNIQUE KEY user_identities_issuer (issuer, subject),
  KEY user_identities_user (user_id, created_at_ms),
  CONSTRAINT user_identities_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
