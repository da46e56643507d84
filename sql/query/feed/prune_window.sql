-- Forgets counters that are older than a week, of every feed: of one that is over nobody else would. The caller alone does.
DELETE FROM golden_record.feed_window AS w
WHERE w.window_start < pg_catalog.clock_timestamp() - interval '7 days'
