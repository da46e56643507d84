-- Source records by name. $1 entity type, $2 systems, $3 ids. One by one (OFFSET 0): a plan that was made while there were few
-- would go through all of the type.
SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id, r.state, r.region
FROM (SELECT unnest($2::text[]) AS system_name, unnest($3::text[]) AS source_id) AS wanted
CROSS JOIN LATERAL (
    SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id, p.state, p.region
    FROM golden_record.source_record AS r
    JOIN golden_record.source_pii AS p ON p.record_id = r.record_id
    WHERE r.entity_type = $1 AND r.system_name = wanted.system_name AND r.source_id = wanted.source_id
    OFFSET 0) AS r
