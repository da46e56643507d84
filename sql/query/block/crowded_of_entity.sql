-- Every block of an entity type over its limit. $1 entity type.
SELECT b.block, b.members FROM golden_record.crowded_block AS b WHERE b.entity_type = $1
