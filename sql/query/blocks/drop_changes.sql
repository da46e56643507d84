-- The segments of an entity type were written: what changed before is in them. $1 entity type.
DELETE FROM golden_record.block_change AS c
USING golden_record.source_record AS r
WHERE r.record_id = c.record_id AND r.entity_type = $1
