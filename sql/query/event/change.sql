-- Change events. $1 generation, $2 entity type; arrays: $3 golden ids, $4 changes, $5 other ids, $6 attribute names
-- (array literals). change_id follows the order of the arrays.
INSERT INTO golden_record.change_event (generation, transaction_id, entity_type, golden_id, change, into_id, attributes)
SELECT $1, pg_catalog.pg_current_xact_id(), $2, n.golden_id, n.change, n.into_id,
       n.attributes::text[]
FROM (SELECT unnest($3::uuid[]) AS golden_id, unnest($4::text[]) AS change, unnest($5::uuid[]) AS into_id,
             unnest($6::text[]) AS attributes) AS n
