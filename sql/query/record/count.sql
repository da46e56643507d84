-- How many records an entity type has, counted as far as $2. $1 entity type.
SELECT pg_catalog.count(*)
FROM (SELECT FROM golden_record.source_record AS r WHERE r.entity_type = $1 LIMIT $2::bigint) AS counted
