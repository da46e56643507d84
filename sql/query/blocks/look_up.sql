-- What is on record about blocks. $1 entity type, $2 blocks, $3 the segments that hold them, $4 whether members of blocks over
-- their limit are wanted too. Rows of five kinds: 0 a block over its limit, members; 1 a block, a record that joined it since
-- the segments were written; 2 the same that left it; 3 a segment, its bytes; 4 how blocks are spread over segments, where
-- there are any: NULL where that is lost.
WITH crowded AS MATERIALIZED (
    SELECT b.block, b.members FROM golden_record.crowded_block AS b WHERE b.block = ANY ($2::bigint[]))
SELECT 0, o.block, o.members, NULL::bytea FROM crowded AS o
UNION ALL
SELECT CASE WHEN c.joined THEN 1 ELSE 2 END, c.block, c.record_id, NULL
FROM golden_record.block_change AS c
WHERE c.block = ANY (CASE WHEN $4 THEN $2::bigint[] ELSE ARRAY (
    SELECT unnest($2::bigint[]) EXCEPT SELECT o.block FROM crowded AS o) END)
UNION ALL
SELECT 3, s.segment, 0, s.members
FROM golden_record.block_segment AS s
WHERE s.entity_type = $1 AND s.segment = ANY ($3::integer[])
UNION ALL
SELECT 4, b.shift, 0, NULL
FROM (SELECT $1::text AS entity_type) AS asked
LEFT JOIN golden_record.block_base AS b ON b.entity_type = asked.entity_type
WHERE b.shift IS NOT NULL OR EXISTS (SELECT FROM golden_record.block_segment AS s WHERE s.entity_type = $1)
