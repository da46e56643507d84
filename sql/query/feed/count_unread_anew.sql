-- Counts values that cannot be read from nought on. Arrays: $1 feeds, $2 systems, $3 keys; $4 feeds with $5 slots, which nobody
-- else writes.
UPDATE golden_record.feed_keys AS k
SET keys = coalesce((
    SELECT pg_catalog.jsonb_object_agg(e.key, CASE WHEN e.key = ANY (n.keys) THEN e.value - 'bad' ELSE e.value END)
    FROM pg_catalog.jsonb_each(k.keys) AS e), '{}')
FROM (SELECT s.feed, s.system_name, pg_catalog.array_agg(s.key) AS keys
      FROM (SELECT unnest($1::text[]) AS feed, unnest($2::text[]) AS system_name, unnest($3::text[]) AS key) AS s
      GROUP BY s.feed, s.system_name) AS n
WHERE k.feed = n.feed AND k.system_name = n.system_name
  AND (k.feed, k.slot) IN (SELECT unnest($4::text[]), unnest($5::bigint[]))
