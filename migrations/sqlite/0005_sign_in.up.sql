-- Ways in beside a password: the second factor, and accounts at other sites.

-- last_step: the newest step of 30 seconds whose code was used; no code of it or before works again.
-- Not confirmed: set up, but no code was seen yet.
CREATE TABLE two_factors (
  user_id         TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  sealed_secret   TEXT NOT NULL,
  last_step       BIGINT NOT NULL DEFAULT 0,
  confirmed_at_ms BIGINT,
  created_at_ms   BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  code_hash  TEXT NOT NULL,
  used_at_ms BIGINT,
  PRIMARY KEY (user_id, code_hash)
);

-- Who somebody is elsewhere: `subject` means one person at one `issuer`, whatever the provider is called here.
CREATE TABLE user_identities (
  id              TEXT PRIMARY KEY,
  user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider        TEXT NOT NULL,
  issuer          TEXT NOT NULL,
  subject         TEXT NOT NULL,
  email           TEXT NOT NULL,
  created_at_ms   BIGINT NOT NULL,
  last_used_at_ms BIGINT NOT NULL,
  CONSTRAINT user_identities_subject UNIQUE (issuer, subject)
);
CREATE INDEX user_identities_user ON user_identities (user_id, created_at_ms);
