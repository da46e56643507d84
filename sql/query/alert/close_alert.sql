-- Closes the open alert of a feed. $1 kind, $2 feed.
UPDATE golden_record.alert SET closed_at = pg_catalog.now() WHERE kind = $1 AND feed = $2 AND closed_at IS NULL
