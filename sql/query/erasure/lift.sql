-- Lifts the suppressions of an erasure. $1 erasure, $2 reason.
WITH gone AS (
    DELETE FROM golden_record.suppression AS s WHERE s.erasure_id = $1 RETURNING s.erasure_id)
UPDATE golden_record.erasure AS e
SET lifted_at = pg_catalog.now(), lifted_by = SESSION_USER, lift_reason = $2
WHERE e.erasure_id = $1 AND EXISTS (SELECT FROM gone)
RETURNING e.erasure_id
