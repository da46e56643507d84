-- The recent traffic of a feed. $1 feed, $2 seconds.
SELECT coalesce(pg_catalog.sum(w.accepted), 0)::bigint, coalesce(pg_catalog.sum(w.rejected), 0)::bigint
FROM golden_record.feed_window AS w
WHERE w.feed = $1 AND w.window_start > pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => $2::float8)
