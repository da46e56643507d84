-- The versions of records that may count, oldest first, and whether each was a row of an attached table. Arrays: $1 record ids,
-- $2 whether the record is a row of such a table: of it nothing before its last row is read, however long its history is.
SELECT v.record_id, v.content_hash, v.content, v.attachment_id IS NOT NULL
FROM (SELECT unnest($1::bigint[]) AS record_id, unnest($2::boolean[]) AS is_row) AS n
CROSS JOIN LATERAL (
    SELECT v.record_id, v.version_id, v.content_hash, v.content, v.attachment_id
    FROM golden_record.record_version AS v
    WHERE v.record_id = n.record_id
      AND v.version_id >= CASE WHEN n.is_row THEN coalesce((
        SELECT l.version_id FROM golden_record.record_version AS l
        WHERE l.record_id = n.record_id AND l.attachment_id IS NOT NULL
        ORDER BY l.version_id DESC LIMIT 1), 0) ELSE 0 END
    OFFSET 0) AS v
ORDER BY v.version_id
