return empty("revisions")
