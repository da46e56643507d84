-- Refused records of the same name as accepted ones, but for those that somebody tries again meanwhile. Arrays: $1 keys,
-- $2 systems, $3 ids. Of rows of an attached table, as letters_of_table finds them: $4 its name, $5 its attachment (NULL: of
-- feeds). One by one (OFFSET 0): a plan that was made while there were few would compare all letters with all names.
SELECT n.place, r.rejected_id, r.field, p.system_name, p.payload
FROM (SELECT unnest($1::bigint[]) AS key, unnest($2::text[]) AS system_name, unnest($3::text[]) AS source_id,
             pg_catalog.generate_series(1, pg_catalog.cardinality($1::bigint[])) AS place) AS n
CROSS JOIN LATERAL (
    SELECT k.rejected_id FROM golden_record.rejected_key AS k WHERE k.key = n.key AND k.kind = 'r' OFFSET 0) AS k
CROSS JOIN LATERAL (
    SELECT r.rejected_id, r.field
    FROM golden_record.rejected_record AS r
    WHERE r.rejected_id = k.rejected_id AND r.system_name = n.system_name AND r.source_id = n.source_id
      AND CASE WHEN $5 IS NULL THEN r.attachment_id IS NULL
               ELSE r.feed = $4 AND (r.attachment_id = $5 OR r.attachment_id IN (
                   SELECT t.attachment_id FROM golden_record.attached_table AS t WHERE NOT t.followed)) END
    OFFSET 0
    FOR UPDATE SKIP LOCKED) AS r
CROSS JOIN LATERAL (
    SELECT p.system_name, p.payload FROM golden_record.rejected_payload AS p WHERE p.rejected_id = r.rejected_id OFFSET 0) AS p
ORDER BY r.rejected_id
