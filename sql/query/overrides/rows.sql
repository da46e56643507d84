-- Overrides, those that lost their value too.
SELECT o.override_id, o.record_id, r.system_name, r.source_id, o.attribute,
       CASE WHEN pg_catalog.isfinite(o.until) AND o.until < '294247-01-01Z' THEN (EXTRACT(epoch FROM o.until) * 1000000)::bigint END, o.until_changed,
       (EXTRACT(epoch FROM o.set_at) * 1000000)::bigint, v.value
FROM golden_record.value_override AS o
CROSS JOIN LATERAL (
    SELECT r.system_name, r.source_id FROM golden_record.source_record AS r WHERE r.record_id = o.record_id OFFSET 0) AS r
LEFT JOIN LATERAL (
    SELECT v.override_id, v.value FROM golden_record.value_override_pii AS v WHERE v.override_id = o.override_id OFFSET 0) AS v ON true
