-- The components that records belong to now. $1 record ids. Found by record first (OFFSET 0), not by going through all components in
-- their order.
SELECT DISTINCT r.component_id
FROM (
    SELECT r.component_id FROM golden_record.source_record AS r
    WHERE r.record_id = ANY ($1::bigint[]) AND r.component_id IS NOT NULL
    OFFSET 0) AS r
ORDER BY r.component_id
