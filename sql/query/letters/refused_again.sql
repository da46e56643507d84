-- Dead letters that were refused again. Arrays: $1 ids, $2 fields, $3 reasons, $4 SQLSTATEs; $5 the attached table whose rows
-- they are (NULL: as before). Found one by one (OFFSET 0): a plan that was made while there were few would compare each with all.
-- Nobody else changes one: it is held, or its entity type is locked.
WITH found AS MATERIALIZED (
    SELECT l.ctid, n.field, n.reason, n.sqlstate
    FROM (SELECT unnest($1::bigint[]) AS rejected_id, unnest($2::text[]) AS field, unnest($3::text[]) AS reason,
                 unnest($4::text[]) AS sqlstate) AS n
    CROSS JOIN LATERAL (
        SELECT l.ctid FROM golden_record.rejected_record AS l WHERE l.rejected_id = n.rejected_id OFFSET 0) AS l)
UPDATE golden_record.rejected_record AS r
SET attempts = r.attempts + 1, retried_at = pg_catalog.clock_timestamp(), field = found.field, reason = found.reason,
    sqlstate = found.sqlstate, attachment_id = coalesce($5, r.attachment_id)
FROM found
WHERE r.ctid = found.ctid
