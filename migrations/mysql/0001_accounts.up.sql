-- People, their sign-ins, plans and keys. Times are epoch milliseconds, money is nano-dollars; 0 in a
-- limit is "none". Lists are one entry a line. Text is compared byte by byte, but for usernames.
-- A line "-- next" parts two statements: MySQL does not undo changes of the schema, so each is recorded by itself.

CREATE TABLE plans (
  id                  VARCHAR(64) PRIMARY KEY,
  name                VARCHAR(191) NOT NULL,
  monthly_price_nano_usd BIGINT NOT NULL DEFAULT 0,
  max_keys            BIGINT NOT NULL DEFAULT 0,
  tokens_per_month    BIGINT NOT NULL DEFAULT 0,
  requests_per_minute BIGINT NOT NULL DEFAULT 0,
  tokens_per_minute   BIGINT NOT NULL DEFAULT 0,
  requests_per_day    BIGINT NOT NULL DEFAULT 0,
  concurrency         BIGINT NOT NULL DEFAULT 0,
  permissions         TEXT NOT NULL,
  CONSTRAINT plans_price CHECK (monthly_price_nano_usd >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
INSERT INTO plans (id, name, monthly_price_nano_usd, max_keys, tokens_per_month, requests_per_minute,
                   requests_per_day, permissions) VALUES
  ('free',       'Free',       0,           3,  100000,   20,  1000,   'claude,codex'),
  ('basic',      'Basic',      9990000000,  10, 1000000,  60,  10000,  'claude,codex'),
  ('pro',        'Pro',        49990000000, 50, 10000000, 200, 100000, 'claude,codex'),
  ('enterprise', 'Enterprise', 0,           0,  0,        0,   0,      'claude,codex');
-- next
CREATE TABLE users (
  id                  VARCHAR(64) PRIMARY KEY,
  email               VARCHAR(320) NOT NULL,
  username            VARCHAR(191) COLLATE utf8mb4_general_ci NOT NULL,
  display_name        TEXT NOT NULL DEFAULT (''),
  password_hash       VARCHAR(255) NOT NULL,
  status              VARCHAR(16) NOT NULL,
  role                VARCHAR(16) NOT NULL,
  email_verified      INT NOT NULL DEFAULT 0,
  plan_id             VARCHAR(64) NOT NULL,
  requests_per_minute BIGINT NOT NULL DEFAULT 0,
  tokens_per_minute   BIGINT NOT NULL DEFAULT 0,
  requests_per_day    BIGINT NOT NULL DEFAULT 0,
  concurrency         BIGINT NOT NULL DEFAULT 0,
  balance_nano_usd    BIGINT NOT NULL DEFAULT 0,
  timezone            VARCHAR(191) NOT NULL,
  locale              VARCHAR(64) NOT NULL,
  settings            MEDIUMTEXT NOT NULL,
  metadata            MEDIUMTEXT NOT NULL,
  usage_requests      BIGINT NOT NULL DEFAULT 0,
  usage_tokens        BIGINT NOT NULL DEFAULT 0,
  usage_cost_nano_usd BIGINT NOT NULL DEFAULT 0,
  last_login_at_ms    BIGINT,
  created_at_ms       BIGINT NOT NULL,
  updated_at_ms       BIGINT NOT NULL,
  UNIQUE KEY users_email (email),
  UNIQUE KEY users_username (username),
  KEY users_created (created_at_ms, id),
  KEY users_updated (status, updated_at_ms),
  KEY users_role (role, status),
  KEY users_plan (plan_id),
  CONSTRAINT users_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT users_status CHECK (status IN ('active', 'inactive', 'suspended', 'deleted')),
  CONSTRAINT users_role_known CHECK (role IN ('user', 'admin'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
CREATE TABLE sessions (
  id                    VARCHAR(64) PRIMARY KEY,
  family_id             VARCHAR(64) NOT NULL,
  user_id               VARCHAR(64) NOT NULL,
  refresh_hash          VARCHAR(128) NOT NULL,
  previous_refresh_hash VARCHAR(128),
  rotated_at_ms         BIGINT,
  created_at_ms         BIGINT NOT NULL,
  expires_at_ms         BIGINT NOT NULL,
  last_used_at_ms       BIGINT NOT NULL,
  revoked_at_ms         BIGINT,
  user_agent            TEXT NOT NULL,
  address               VARCHAR(128) NOT NULL,
  UNIQUE KEY sessions_refresh_hash (refresh_hash),
  KEY sessions_user (user_id, created_at_ms),
  KEY sessions_family (family_id),
  KEY sessions_expires (expires_at_ms),
  KEY sessions_revoked (revoked_at_ms),
  CONSTRAINT sessions_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- Every refresh token that was rotated away: one that comes again was stolen.
CREATE TABLE session_spent_tokens (
  refresh_hash VARCHAR(128) PRIMARY KEY,
  session_id   VARCHAR(64) NOT NULL,
  spent_at_ms  BIGINT NOT NULL,
  KEY session_spent_tokens_session (session_id),
  CONSTRAINT session_spent_tokens_session_id FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
CREATE TABLE api_keys (
  id                      VARCHAR(64) PRIMARY KEY,
  user_id                 VARCHAR(64) NOT NULL,
  name                    VARCHAR(512) NOT NULL,
  description             TEXT NOT NULL DEFAULT (''),
  key_hash                VARCHAR(128) NOT NULL,
  key_prefix              VARCHAR(64) NOT NULL,
  key_suffix              VARCHAR(64) NOT NULL,
  retiring_hash           VARCHAR(128),
  retiring_until_ms       BIGINT,
  status                  VARCHAR(16) NOT NULL,
  permissions             TEXT NOT NULL,
  requests_per_minute     BIGINT NOT NULL DEFAULT 0,
  tokens_per_minute       BIGINT NOT NULL DEFAULT 0,
  requests_per_day        BIGINT NOT NULL DEFAULT 0,
  concurrency             BIGINT NOT NULL DEFAULT 0,
  budget_daily_nano_usd   BIGINT,
  budget_weekly_nano_usd  BIGINT,
  budget_monthly_nano_usd BIGINT,
  budget_total_nano_usd   BIGINT,
  models                  MEDIUMTEXT NOT NULL DEFAULT (''),
  ip_rules                MEDIUMTEXT NOT NULL DEFAULT (''),
  tags                    MEDIUMTEXT NOT NULL DEFAULT (''),
  metadata                MEDIUMTEXT NOT NULL DEFAULT ('{}'),
  usage_requests          BIGINT NOT NULL DEFAULT 0,
  usage_tokens            BIGINT NOT NULL DEFAULT 0,
  usage_cost_nano_usd     BIGINT NOT NULL DEFAULT 0,
  expires_at_ms           BIGINT,
  last_used_at_ms         BIGINT,
  last_used_address       VARCHAR(128) NOT NULL DEFAULT '',
  created_at_ms           BIGINT NOT NULL,
  updated_at_ms           BIGINT NOT NULL,
  UNIQUE KEY api_keys_key_hash (key_hash),
  UNIQUE KEY api_keys_retiring_hash (retiring_hash),
  KEY api_keys_user (user_id, created_at_ms, id),
  KEY api_keys_created (created_at_ms, id),
  KEY api_keys_expires (expires_at_ms, id),
  KEY api_keys_updated (status, updated_at_ms),
  CONSTRAINT api_keys_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT api_keys_status CHECK (status IN ('active', 'inactive', 'revoked'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- Links sent by e-mail: verify an address, reset a password, take a changed address back.
CREATE TABLE email_tokens (
  token_hash    VARCHAR(128) PRIMARY KEY,
  user_id       VARCHAR(64) NOT NULL,
  purpose       VARCHAR(16) NOT NULL,
  email         VARCHAR(320) NOT NULL,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  used_at_ms    BIGINT,
  KEY email_tokens_user (user_id, purpose),
  KEY email_tokens_expires (expires_at_ms),
  CONSTRAINT email_tokens_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT email_tokens_purpose CHECK (purpose IN ('verify', 'reset', 'restore'))
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
-- Sealed by the relay before they come here; base64.
CREATE TABLE sealed_secrets (
  name          VARCHAR(191) PRIMARY KEY,
  sealed        MEDIUMTEXT NOT NULL,
  created_at_ms BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- next
CREATE VIEW user_accounts AS
  SELECT u.id, u.email, u.username, u.status, u.role, u.plan_id, u.balance_nano_usd,
         u.usage_requests, u.usage_tokens, u.usage_cost_nano_usd,
         (SELECT COUNT(*) FROM api_keys k WHERE k.user_id = u.id AND k.status <> 'revoked') AS keys_in_use,
         u.last_login_at_ms, u.created_at_ms
    FROM users u;
