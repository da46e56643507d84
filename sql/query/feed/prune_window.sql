-- Forgets counters of a feed that are older than a week. $1 feed. The caller alone does.
DELETE FROM golden_record.feed_window AS w
WHERE w.feed = $1 AND w.window_start < pg_catalog.clock_timestamp() - interval '7 days'
