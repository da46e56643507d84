-- New source records, resolved. $1 entity type; arrays: $2 record ids, $3 systems, $4 source ids, $5 attachments,
-- $6 golden ids, $7 components (NULL: not live).
INSERT INTO golden_record.source_record
    (record_id, entity_type, system_name, source_id, attachment_id, live, golden_id, component_id)
OVERRIDING SYSTEM VALUE
SELECT n.record_id, $1, n.system_name, n.source_id, n.attachment_id, n.golden_id IS NOT NULL, n.golden_id, n.component_id
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::uuid[], $7::bigint[])
    AS n (record_id, system_name, source_id, attachment_id, golden_id, component_id)
