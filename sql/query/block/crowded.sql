-- Blocks over their limit, and by how many members.
SELECT b.block, b.members
FROM golden_record.crowded_block AS b
