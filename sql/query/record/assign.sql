-- Source records that moved, or changed their origin. Arrays: $1 record ids, $2 attachments, $3 golden ids,
-- $4 components.
UPDATE golden_record.source_record AS r
SET attachment_id = n.attachment_id, live = n.golden_id IS NOT NULL, golden_id = n.golden_id, component_id = n.component_id
FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::bigint[])
    AS n (record_id, attachment_id, golden_id, component_id)
WHERE r.record_id = n.record_id
