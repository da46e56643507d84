-- How an entity type's blocks are spread over segments. $1 entity type.
SELECT b.shift FROM golden_record.block_base AS b WHERE b.entity_type = $1
