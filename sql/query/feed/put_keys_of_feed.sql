-- $1 feed, $2 slot; arrays: $3 systems, $4 records, $5 keys.
INSERT INTO golden_record.feed_keys AS k (feed, slot, system_name, records, keys)
SELECT $1, $2, n.system_name, n.records, n.keys::jsonb
FROM (SELECT unnest($3::text[]) AS system_name, unnest($4::bigint[]) AS records, unnest($5::text[]) AS keys) AS n
ON CONFLICT (feed, system_name, slot) DO UPDATE SET records = EXCLUDED.records, keys = EXCLUDED.keys
