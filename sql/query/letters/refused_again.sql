-- Dead letters that were refused again. Arrays: $1 ids, $2 fields, $3 reasons, $4 SQLSTATEs; $5 the attached table whose rows
-- they are (NULL: as before).
UPDATE golden_record.rejected_record AS r
SET attempts = r.attempts + 1, retried_at = pg_catalog.clock_timestamp(), field = n.field, reason = n.reason, sqlstate = n.sqlstate,
    attachment_id = coalesce($5, r.attachment_id)
FROM (SELECT unnest($1::bigint[]) AS rejected_id, unnest($2::text[]) AS field, unnest($3::text[]) AS reason,
             unnest($4::text[]) AS sqlstate) AS n
WHERE r.rejected_id = n.rejected_id
