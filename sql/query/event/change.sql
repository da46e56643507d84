-- Change events. $1 generation, $2 entity type; arrays: $3 golden ids, $4 changes, $5 other ids, $6 attribute names
-- (array literals).
INSERT INTO golden_record.change_event (generation, transaction_id, entity_type, golden_id, change, into_id, attributes)
SELECT $1, pg_catalog.pg_current_xact_id(), $2, n.golden_id, n.change, n.into_id,
       n.attributes::text[]
FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[]) WITH ORDINALITY
    AS n (golden_id, change, into_id, attributes, ordinal)
ORDER BY n.ordinal
