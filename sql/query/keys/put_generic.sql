-- Keys that became generic, or are so otherwise. $1 entity type; arrays: $2 keys, $3 attributes, $4 masked values, $5 reasons,
-- $6 thresholds.
INSERT INTO golden_record.generic_key (entity_type, key, attribute, value, reason, threshold)
SELECT $1, n.key, n.attribute, n.value, n.reason, n.threshold
FROM (SELECT unnest($2::bigint[]) AS key, unnest($3::text[]) AS attribute, unnest($4::text[]) AS value,
             unnest($5::text[]) AS reason, unnest($6::integer[]) AS threshold) AS n
ON CONFLICT (key) DO UPDATE
SET entity_type = EXCLUDED.entity_type, attribute = EXCLUDED.attribute, value = EXCLUDED.value, reason = EXCLUDED.reason,
    threshold = EXCLUDED.threshold
