-- How an entity type's blocks are spread over segments. $1 entity type, $2 shift.
INSERT INTO golden_record.block_base AS b (entity_type, shift) VALUES ($1, $2)
ON CONFLICT (entity_type) DO UPDATE SET shift = EXCLUDED.shift, packed_at = pg_catalog.now()
