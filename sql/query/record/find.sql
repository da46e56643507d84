-- Source records by name. $1 entity type, $2 systems, $3 ids.
SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id, p.state, p.region
FROM (SELECT unnest($2::text[]) AS system_name, unnest($3::text[]) AS source_id) AS wanted
JOIN golden_record.source_record AS r
  ON r.entity_type = $1 AND r.system_name = wanted.system_name AND r.source_id = wanted.source_id
JOIN golden_record.source_pii AS p ON p.record_id = r.record_id
