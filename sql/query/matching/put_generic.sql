-- Keys that became generic. $1 entity type; arrays: $2 keys, $3 attributes, $4 masked values, $5 reasons, $6 thresholds.
INSERT INTO golden_record.generic_key (entity_type, key, attribute, value, reason, threshold)
SELECT $1, n.key, n.attribute, n.value, n.reason, n.threshold
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[])
    AS n (key, attribute, value, reason, threshold)
ON CONFLICT (key) DO UPDATE SET reason = EXCLUDED.reason, threshold = EXCLUDED.threshold
