-- Blocks over their limit: how many members they have, and how many they may have.
SELECT b.block, b.members, b.threshold
FROM golden_record.crowded_block AS b
