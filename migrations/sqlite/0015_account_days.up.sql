-- What the calls of each day (days since 1970-01-01, UTC) cost at each account at the providers: its cap of a day is read
-- from here, so that no row of usage_logs needs an index for it. Days before this migration have no line.
CREATE TABLE usage_account_days (
  day           INTEGER NOT NULL,
  account_word  INTEGER NOT NULL,
  cost_nano_usd BIGINT NOT NULL,
  PRIMARY KEY (day, account_word)
) WITHOUT ROWID;
