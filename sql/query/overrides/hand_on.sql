-- Moves overrides, in force or not, to other records. Arrays: $1 from, $2 to.
UPDATE golden_record.value_override AS o
SET record_id = n.heir
FROM (SELECT unnest($1::bigint[]) AS record_id, unnest($2::bigint[]) AS heir) AS n
WHERE o.record_id = n.record_id
