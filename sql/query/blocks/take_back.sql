-- Takes back what was said of records and blocks since the segments were written; gives what there was to take back. Arrays:
-- $1 blocks, $2 record ids; $3 whether they had joined. Row by row from the arrays: a plan made while the table was empty
-- would otherwise read all of it ever after.
DELETE FROM golden_record.block_change AS c
WHERE c.ctid = ANY (ARRAY (
    SELECT said.ctid
    FROM (SELECT unnest($1::bigint[]) AS block, unnest($2::bigint[]) AS record_id) AS n
    CROSS JOIN LATERAL (
        SELECT s.ctid FROM golden_record.block_change AS s
        WHERE s.block = n.block AND s.record_id = n.record_id AND s.joined = $3
        OFFSET 0) AS said))
RETURNING c.block, c.record_id
