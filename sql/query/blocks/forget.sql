-- Forgets what changed of records. $1 record ids. Gives the blocks of which they were members when the segments
-- were written, once they have left all.
DELETE FROM golden_record.block_change AS c WHERE c.record_id = ANY ($1::bigint[])
RETURNING c.block
