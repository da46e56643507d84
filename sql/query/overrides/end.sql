-- Ends overrides. Arrays: $1 ids, $2 reasons; $3 now.
UPDATE golden_record.value_override AS o
SET ended_at = $3, ended_by = SESSION_USER, end_reason = n.reason
FROM (SELECT unnest($1::bigint[]) AS override_id, unnest($2::text[]) AS reason) AS n
WHERE o.override_id = n.override_id AND o.ended_at IS NULL
