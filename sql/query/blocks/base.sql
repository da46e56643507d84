-- How an entity type's blocks are spread over segments: no row where there are no segments, NULL where that is lost.
-- $1 entity type.
SELECT b.shift
FROM (SELECT $1::text AS entity_type) AS asked
LEFT JOIN golden_record.block_base AS b ON b.entity_type = asked.entity_type
WHERE b.shift IS NOT NULL OR EXISTS (SELECT FROM golden_record.block_segment AS s WHERE s.entity_type = $1)
