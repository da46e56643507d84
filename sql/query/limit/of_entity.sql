-- The limits on record of an entity type. $1 entity type.
SELECT l.component_id, l.what, l.figure, l.threshold FROM golden_record.limit_reached AS l WHERE l.entity_type = $1
