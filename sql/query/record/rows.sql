-- Source records with what they say.
SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id, p.state, p.region
FROM golden_record.source_record AS r
JOIN golden_record.source_pii AS p ON p.record_id = r.record_id
