-- Refused records about a person: those that name a record or an email of it, or a phone and no email, but for those that
-- tell nobody apart. Arrays: $1 keys, $2 kinds, $3 keys of such emails.
WITH hit AS (
    SELECT DISTINCT k.rejected_id, k.kind
    FROM (SELECT unnest($1::bigint[]) AS key, unnest($2::text[]) AS kind) AS wanted
    JOIN golden_record.rejected_key AS k ON k.key = wanted.key AND k.kind = wanted.kind::"char")
SELECT DISTINCT hit.rejected_id
FROM hit
WHERE hit.kind IN ('r', 'e')
   OR NOT EXISTS (
       SELECT FROM golden_record.rejected_key AS k
       WHERE k.rejected_id = hit.rejected_id AND k.kind = 'e' AND k.key <> ALL ($3::bigint[]))
