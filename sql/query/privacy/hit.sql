-- Which commitments are kept out, counted. $1 entity type, $2 commitments. Rows are locked in one order.
WITH found AS (
    SELECT s.ctid FROM golden_record.suppression AS s
    WHERE s.commitment = ANY ($2::bytea[]) AND s.entity_type = $1
    ORDER BY s.commitment, s.erasure_id
    FOR UPDATE)
UPDATE golden_record.suppression AS s
SET hits = s.hits + 1, last_hit_at = pg_catalog.clock_timestamp()
FROM found WHERE s.ctid = found.ctid
RETURNING s.commitment
