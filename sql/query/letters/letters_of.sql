-- Refused records about a person: those that name a record or an email of it, or a phone and no email, but for those that
-- tell nobody apart, and no living record of somebody else. Arrays: $1 keys, $2 kinds, $3 keys of such emails.
WITH hit AS (
    SELECT DISTINCT k.rejected_id, k.kind
    FROM (SELECT unnest($1::bigint[]) AS key, unnest($2::text[]) AS kind) AS wanted
    CROSS JOIN LATERAL (
        SELECT k.rejected_id, k.kind FROM golden_record.rejected_key AS k
        WHERE k.key = wanted.key AND k.kind = wanted.kind::"char"
        OFFSET 0) AS k)
SELECT DISTINCT hit.rejected_id
FROM hit
WHERE hit.kind IN ('r', 'e')
   OR NOT EXISTS (
       SELECT FROM golden_record.rejected_key AS k
       WHERE k.rejected_id = hit.rejected_id AND k.kind = 'e' AND k.key <> ALL ($3::bigint[]))
   AND NOT EXISTS (
       SELECT FROM golden_record.rejected_record AS l
       CROSS JOIN (SELECT t.entity_type FROM golden_record.entity_type AS t UNION SELECT 'CUSTOMER') AS t
       JOIN golden_record.source_record AS r
         ON r.entity_type = t.entity_type AND r.system_name = l.system_name AND r.source_id = l.source_id
       WHERE l.rejected_id = hit.rejected_id AND r.golden_id IS NOT NULL)
