-- The components that records belong to now. $1 record ids. Found by record, one by one (OFFSET 0), not by going through all
-- components in their order.
SELECT DISTINCT r.component_id
FROM (SELECT unnest($1::bigint[]) AS record_id) AS n
CROSS JOIN LATERAL (
    SELECT s.component_id FROM golden_record.source_record AS s WHERE s.record_id = n.record_id OFFSET 0) AS r
WHERE r.component_id IS NOT NULL
ORDER BY r.component_id
