-- Drift that is over. $1 feed; arrays: $2 systems, $3 keys, $4 changes.
DELETE FROM golden_record.drift AS d
USING unnest($2::text[], $3::text[], $4::text[]) AS n (system_name, key, change)
WHERE d.feed = $1 AND d.system_name = n.system_name AND d.key = n.key AND d.change = n.change
