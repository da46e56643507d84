-- Who joined or left blocks since the segments were written. $1 blocks.
SELECT c.block, c.record_id, c.joined FROM golden_record.block_change AS c WHERE c.block = ANY ($1::bigint[])
