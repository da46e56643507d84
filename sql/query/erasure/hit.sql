-- Counts that commitments were kept out. $1 commitments. Nobody waits for another who counts: of those who
-- meet at one, one counts. Rows are named by their key: another's count may have made a newer version of one since.
WITH found AS (
    SELECT s.commitment, s.erasure_id FROM golden_record.suppression AS s
    WHERE s.commitment = ANY ($1::bytea[])
    FOR UPDATE SKIP LOCKED)
UPDATE golden_record.suppression AS s
SET hits = s.hits + 1, last_hit_at = pg_catalog.clock_timestamp()
FROM found WHERE s.commitment = found.commitment AND s.erasure_id = found.erasure_id
