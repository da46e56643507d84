-- How many records an entity type has. $1 entity type.
SELECT pg_catalog.count(*) FROM golden_record.source_record AS r WHERE r.entity_type = $1
