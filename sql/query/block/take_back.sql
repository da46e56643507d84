-- Takes back what was said of records and blocks since the segments were written; gives what there was to take back. Arrays:
-- $1 blocks, $2 record ids; $3 whether they had joined.
DELETE FROM golden_record.block_change AS c
USING unnest($1::bigint[], $2::bigint[]) AS n (block, record_id)
WHERE c.block = n.block AND c.record_id = n.record_id AND c.joined = $3
RETURNING c.block, c.record_id
