-- Ends overrides. Arrays: $1 ids, $2 reasons; $3 now.
UPDATE golden_record.value_override AS o
SET ended_at = $3, ended_by = SESSION_USER, end_reason = n.reason
FROM unnest($1::bigint[], $2::text[]) AS n (override_id, reason)
WHERE o.override_id = n.override_id AND o.ended_at IS NULL
