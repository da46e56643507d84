-- Change events. $1 entity type; arrays: $2 golden ids, $3 changes, $4 other ids, $5 attribute names (JSON arrays).
INSERT INTO golden_record.change_event (entity_type, golden_id, change, into_id, attributes)
SELECT $1, n.golden_id, n.change, n.into_id, ARRAY (SELECT pg_catalog.jsonb_array_elements_text(n.attributes::jsonb))
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[]) WITH ORDINALITY
    AS n (golden_id, change, into_id, attributes, ordinal)
ORDER BY n.ordinal
