-- Counts changes that what nodes hold in memory must not outlive: one row.
CREATE TABLE revisions (
  name     VARCHAR(32) NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
-- next
INSERT IGNORE INTO revisions (name, revision) VALUES ('cached', 0);
