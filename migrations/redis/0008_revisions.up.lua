-- Counts changes that what nodes hold in memory must not outlive: one row.
upsert("revisions", {name = "cached", revision = "0"})
