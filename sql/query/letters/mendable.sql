-- Refused records of the same name as accepted ones, but for those that somebody tries again meanwhile. Arrays: $1 keys,
-- $2 systems, $3 ids. Of rows of an attached table, as letters_of_table finds them: $4 its name, $5 its attachment (NULL: of
-- feeds).
SELECT n.place, r.rejected_id, r.field, p.system_name, p.payload
FROM (SELECT unnest($1::bigint[]) AS key, unnest($2::text[]) AS system_name, unnest($3::text[]) AS source_id,
             pg_catalog.generate_series(1, pg_catalog.cardinality($1::bigint[])) AS place) AS n
JOIN golden_record.rejected_key AS k ON k.key = n.key AND k.kind = 'r'
JOIN golden_record.rejected_record AS r
  ON r.rejected_id = k.rejected_id AND r.system_name = n.system_name AND r.source_id = n.source_id
JOIN golden_record.rejected_payload AS p ON p.rejected_id = r.rejected_id
WHERE CASE WHEN $5 IS NULL THEN r.attachment_id IS NULL
           ELSE r.feed = $4 AND (r.attachment_id = $5 OR r.attachment_id IN (
               SELECT t.attachment_id FROM golden_record.attached_table AS t WHERE NOT t.followed)) END
ORDER BY r.rejected_id
FOR UPDATE OF r SKIP LOCKED
