-- Blocks that are over their limit no longer. $1 blocks.
DELETE FROM golden_record.crowded_block AS b WHERE b.block = ANY ($1::bigint[])
