-- Records that are in blocks now and were not. Arrays: $1 blocks, $2 record ids.
WITH back AS (
    DELETE FROM golden_record.block_change AS c
    USING unnest($1::bigint[], $2::bigint[]) AS n (block, record_id)
    WHERE c.block = n.block AND c.record_id = n.record_id AND NOT c.joined
    RETURNING c.block, c.record_id)
INSERT INTO golden_record.block_change (block, record_id, joined)
SELECT n.block, n.record_id, true
FROM unnest($1::bigint[], $2::bigint[]) AS n (block, record_id)
WHERE NOT EXISTS (SELECT FROM back AS b WHERE b.block = n.block AND b.record_id = n.record_id)
