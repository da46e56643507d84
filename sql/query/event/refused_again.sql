-- Dead letters that were refused again. Arrays: $1 ids, $2 fields, $3 reasons, $4 SQLSTATEs.
UPDATE golden_record.rejected_record AS r
SET attempts = r.attempts + 1, retried_at = pg_catalog.clock_timestamp(), field = n.field, reason = n.reason, sqlstate = n.sqlstate
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS n (rejected_id, field, reason, sqlstate)
WHERE r.rejected_id = n.rejected_id
