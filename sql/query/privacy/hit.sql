-- Which commitments are kept out, counted. $1 entity type, $2 commitments. Rows are locked in one order, and named by
-- their key: another writer's count may have made a newer version of one while it was waited for.
WITH found AS (
    SELECT s.commitment, s.erasure_id FROM golden_record.suppression AS s
    WHERE s.commitment = ANY ($2::bytea[]) AND s.entity_type = $1
    ORDER BY s.commitment, s.erasure_id
    FOR UPDATE)
UPDATE golden_record.suppression AS s
SET hits = s.hits + 1, last_hit_at = pg_catalog.clock_timestamp()
FROM found WHERE s.commitment = found.commitment AND s.erasure_id = found.erasure_id
RETURNING s.commitment
