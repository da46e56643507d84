-- What stewards ever set on records, in force or not, for the person's own request: all but the value, and that sealed.
-- $1 record ids.
SELECT o.override_id,
       pg_catalog.json_build_object(
           'attribute', o.attribute, 'systemName', r.system_name, 'id', r.source_id, 'note', o.note, 'setAt', o.set_at,
           'until', o.until, 'endedAt', o.ended_at, 'endReason', o.end_reason)::text,
       v.value
FROM golden_record.value_override AS o
JOIN golden_record.source_record AS r ON r.record_id = o.record_id
LEFT JOIN golden_record.value_override_pii AS v ON v.override_id = o.override_id
WHERE o.record_id = ANY ($1::bigint[])
ORDER BY o.override_id
