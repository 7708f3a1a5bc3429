-- People, their sign-ins, plans and keys. Times are epoch milliseconds, money is nano-dollars; 0 in a
-- limit is "none". Lists are one entry a line.

CREATE TABLE plans (
  id                  TEXT PRIMARY KEY,
  name                TEXT NOT NULL,
  monthly_price_nano_usd BIGINT NOT NULL DEFAULT 0 CHECK (monthly_price_nano_usd >= 0),
  max_keys            BIGINT NOT NULL DEFAULT 0,
  tokens_per_month    BIGINT NOT NULL DEFAULT 0,
  requests_per_minute BIGINT NOT NULL DEFAULT 0,
  tokens_per_minute   BIGINT NOT NULL DEFAULT 0,
  requests_per_day    BIGINT NOT NULL DEFAULT 0,
  concurrency         BIGINT NOT NULL DEFAULT 0,
  permissions         TEXT NOT NULL
);

INSERT INTO plans (id, name, monthly_price_nano_usd, max_keys, tokens_per_month, requests_per_minute,
                   requests_per_day, permissions) VALUES
  ('free',       'Free',       0,           3,  100000,   20,  1000,   'claude,codex'),
  ('basic',      'Basic',      9990000000,  10, 1000000,  60,  10000,  'claude,codex'),
  ('pro',        'Pro',        49990000000, 50, 10000000, 200, 100000, 'claude,codex'),
  ('enterprise', 'Enterprise', 0,           0,  0,        0,   0,      'claude,codex');

CREATE TABLE users (
  id                  TEXT PRIMARY KEY,
  email               TEXT NOT NULL CONSTRAINT users_email UNIQUE,
  username            TEXT NOT NULL COLLATE NOCASE CONSTRAINT users_username UNIQUE,
  display_name        TEXT NOT NULL DEFAULT '',
  password_hash       TEXT NOT NULL,
  status              TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'suspended', 'deleted')),
  role                TEXT NOT NULL CHECK (role IN ('user', 'admin')),
  email_verified      INTEGER NOT NULL DEFAULT 0,
  plan_id             TEXT NOT NULL REFERENCES plans (id),
  requests_per_minute BIGINT NOT NULL DEFAULT 0,
  tokens_per_minute   BIGINT NOT NULL DEFAULT 0,
  requests_per_day    BIGINT NOT NULL DEFAULT 0,
  concurrency         BIGINT NOT NULL DEFAULT 0,
  balance_nano_usd    BIGINT NOT NULL DEFAULT 0,
  timezone            TEXT NOT NULL,
  locale              TEXT NOT NULL,
  settings            TEXT NOT NULL,
  metadata            TEXT NOT NULL,
  usage_requests      BIGINT NOT NULL DEFAULT 0,
  usage_tokens        BIGINT NOT NULL DEFAULT 0,
  usage_cost_nano_usd BIGINT NOT NULL DEFAULT 0,
  last_login_at_ms    BIGINT,
  created_at_ms       BIGINT NOT NULL,
  updated_at_ms       BIGINT NOT NULL
);
CREATE INDEX users_created ON users (created_at_ms, id);

CREATE TABLE sessions (
  id                    TEXT PRIMARY KEY,
  family_id             TEXT NOT NULL,
  user_id               TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  refresh_hash          TEXT NOT NULL CONSTRAINT sessions_refresh_hash UNIQUE,
  previous_refresh_hash TEXT,
  rotated_at_ms         BIGINT,
  created_at_ms         BIGINT NOT NULL,
  expires_at_ms         BIGINT NOT NULL,
  last_used_at_ms       BIGINT NOT NULL,
  revoked_at_ms         BIGINT,
  user_agent            TEXT NOT NULL,
  address               TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, created_at_ms);
CREATE INDEX sessions_family ON sessions (family_id);
CREATE INDEX sessions_expires ON sessions (expires_at_ms);

-- Every refresh token that was rotated away: one that comes again was stolen.
CREATE TABLE session_spent_tokens (
  refresh_hash TEXT PRIMARY KEY,
  session_id   TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  spent_at_ms  BIGINT NOT NULL
);
CREATE INDEX session_spent_tokens_session ON session_spent_tokens (session_id);

CREATE TABLE api_keys (
  id                      TEXT PRIMARY KEY,
  user_id                 TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name                    TEXT NOT NULL,
  description             TEXT NOT NULL DEFAULT '',
  key_hash                TEXT NOT NULL CONSTRAINT api_keys_key_hash UNIQUE,
  key_prefix              TEXT NOT NULL,
  key_suffix              TEXT NOT NULL,
  retiring_hash           TEXT CONSTRAINT api_keys_retiring_hash UNIQUE,
  retiring_until_ms       BIGINT,
  status                  TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'revoked')),
  permissions             TEXT NOT NULL,
  requests_per_minute     BIGINT NOT NULL DEFAULT 0,
  tokens_per_minute       BIGINT NOT NULL DEFAULT 0,
  requests_per_day        BIGINT NOT NULL DEFAULT 0,
  concurrency             BIGINT NOT NULL DEFAULT 0,
  budget_daily_nano_usd   BIGINT,
  budget_weekly_nano_usd  BIGINT,
  budget_monthly_nano_usd BIGINT,
  budget_total_nano_usd   BIGINT,
  models                  TEXT NOT NULL DEFAULT '',
  ip_rules                TEXT NOT NULL DEFAULT '',
  tags                    TEXT NOT NULL DEFAULT '',
  metadata                TEXT NOT NULL DEFAULT '{}',
  usage_requests          BIGINT NOT NULL DEFAULT 0,
  usage_tokens            BIGINT NOT NULL DEFAULT 0,
  usage_cost_nano_usd     BIGINT NOT NULL DEFAULT 0,
  expires_at_ms           BIGINT,
  last_used_at_ms         BIGINT,
  last_used_address       TEXT NOT NULL DEFAULT '',
  created_at_ms           BIGINT NOT NULL,
  updated_at_ms           BIGINT NOT NULL
);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at_ms, id);

-- Links sent by e-mail: verify an address, reset a password.
CREATE TABLE email_tokens (
  token_hash    TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose       TEXT NOT NULL CHECK (purpose IN ('verify', 'reset')),
  email         TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  used_at_ms    BIGINT
);
CREATE INDEX email_tokens_user ON email_tokens (user_id, purpose);
CREATE INDEX email_tokens_expires ON email_tokens (expires_at_ms);

-- Sealed by the relay before they come here; base64.
CREATE TABLE sealed_secrets (
  name          TEXT PRIMARY KEY,
  sealed        TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL
);

CREATE VIEW user_accounts AS
  SELECT u.id, u.email, u.username, u.status, u.role, u.plan_id, u.balance_nano_usd,
         u.usage_requests, u.usage_tokens, u.usage_cost_nano_usd,
         (SELECT COUNT(*) FROM api_keys k WHERE k.user_id = u.id AND k.status <> 'revoked') AS keys_in_use,
         u.last_login_at_ms, u.created_at_ms
    FROM users u;
