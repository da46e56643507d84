-- The largest component of an entity type over its cap. $1 entity type.
SELECT l.figure, l.threshold
FROM golden_record.limit_reached AS l
WHERE l.entity_type = $1 AND l.what = 'component_cap'
ORDER BY l.figure DESC
LIMIT 1
