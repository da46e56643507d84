-- Source records with what they say, looked up one by one (OFFSET 0): a plan that was made while there were few would read all.
SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id, p.state, p.region
FROM golden_record.source_record AS r
CROSS JOIN LATERAL (
    SELECT p.state, p.region FROM golden_record.source_pii AS p WHERE p.record_id = r.record_id OFFSET 0) AS p
