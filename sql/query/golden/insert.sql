-- New golden records with their values. $1 entity type; arrays: $2 ids, $3 records, $4 systems (array literals),
-- $5 attributes, $6 lineage, packed; $7 now; the values: $8 ids, $9 systems, $10 regions, $11 sealed attributes. seq follows
-- the order of the arrays.
WITH put AS (
    INSERT INTO golden_record.golden_pii (golden_id, system_name, region, attributes)
    SELECT n.golden_id, n.system_name, n.region, n.attributes
    FROM (SELECT unnest($8::uuid[]) AS golden_id, unnest($9::text[]) AS system_name, unnest($10::text[]) AS region,
                 unnest($11::bytea[]) AS attributes) AS n)
INSERT INTO golden_record.golden_record
    (golden_id, entity_type, status, records, systems, attributes, lineage, created_at, updated_at)
SELECT n.golden_id, $1, 'live', n.records,
       n.systems::text[], n.attributes::jsonb, n.lineage, $7, $7
FROM (SELECT unnest($2::uuid[]) AS golden_id, unnest($3::integer[]) AS records, unnest($4::text[]) AS systems,
             unnest($5::text[]) AS attributes, unnest($6::bytea[]) AS lineage) AS n
