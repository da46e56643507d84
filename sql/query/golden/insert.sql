-- New golden records. $1 entity type; arrays: $2 ids, $3 records, $4 systems (array literals), $5 attributes,
-- $6 lineage, packed; $7 now. seq follows the order of the arrays.
INSERT INTO golden_record.golden_record
    (golden_id, entity_type, status, records, systems, attributes, lineage, created_at, updated_at)
SELECT n.golden_id, $1, 'live', n.records,
       n.systems::text[], n.attributes::jsonb, n.lineage, $7, $7
FROM unnest($2::uuid[], $3::integer[], $4::text[], $5::text[], $6::bytea[]) AS n (golden_id, records, systems, attributes, lineage)
