-- Change events. $1 generation, $2 the transaction that they are shown after, $3 entity type; arrays: $4 golden ids, $5 changes,
-- $6 other ids, $7 attribute names (array literals). change_id follows the order of the arrays.
INSERT INTO golden_record.change_event (generation, shown_after, entity_type, golden_id, change, into_id, attributes)
SELECT $1, $2::text::xid8, $3, n.golden_id, n.change, n.into_id, n.attributes::text[]
FROM (SELECT unnest($4::uuid[]) AS golden_id, unnest($5::text[]) AS change, unnest($6::uuid[]) AS into_id,
             unnest($7::text[]) AS attributes) AS n
