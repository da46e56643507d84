-- Whether there is any record of an entity type. $1 entity type.
SELECT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.entity_type = $1)
