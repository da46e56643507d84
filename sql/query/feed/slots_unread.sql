-- The slots that counted values which could not be read. Arrays: $1 feeds, $2 systems, $3 keys.
SELECT DISTINCT k.feed, k.slot
FROM golden_record.feed_keys AS k
JOIN (SELECT unnest($1::text[]) AS feed, unnest($2::text[]) AS system_name, unnest($3::text[]) AS key) AS n
  ON k.feed = n.feed AND k.system_name = n.system_name AND (k.keys -> n.key ->> 'bad')::bigint > 0
