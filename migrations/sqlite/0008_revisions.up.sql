-- Counts changes that what nodes hold in memory must not outlive: one row.
CREATE TABLE revisions (
  name     TEXT PRIMARY KEY,
  revision BIGINT NOT NULL
);
INSERT INTO revisions (name, revision) VALUES ('cached', 0);
