-- The components that records belong to now. $1 record ids.
SELECT DISTINCT r.component_id
FROM golden_record.source_record AS r
WHERE r.record_id = ANY ($1::bigint[]) AND r.component_id IS NOT NULL
ORDER BY r.component_id
