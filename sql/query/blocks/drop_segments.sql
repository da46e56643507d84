-- Segments that are empty now. $1 entity type, $2 segments.
DELETE FROM golden_record.block_segment AS s WHERE s.entity_type = $1 AND s.segment = ANY ($2::integer[])
