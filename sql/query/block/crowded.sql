-- Which of some blocks are over their limit, and by how many members. $1 blocks.
SELECT b.block, b.members FROM golden_record.crowded_block AS b WHERE b.block = ANY ($1::bigint[])
