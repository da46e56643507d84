-- New golden records with their values. $1 entity type; arrays: $2 ids, $3 records, $4 systems (array literals),
-- $5 founders (array literals), $6 attributes, $7 lineage, packed; $8 now; the values: $9 ids, $10 systems, $11 regions,
-- $12 sealed attributes. seq follows the order of the arrays.
WITH put AS (
    INSERT INTO golden_record.golden_pii (golden_id, system_name, region, attributes)
    SELECT n.golden_id, n.system_name, n.region, n.attributes
    FROM (SELECT unnest($9::uuid[]) AS golden_id, unnest($10::text[]) AS system_name, unnest($11::text[]) AS region,
                 unnest($12::bytea[]) AS attributes) AS n)
INSERT INTO golden_record.golden_record
    (golden_id, entity_type, status, records, systems, founders, attributes, lineage, created_at, updated_at)
SELECT n.golden_id, $1, 'live', n.records,
       n.systems::text[], n.founders::bigint[], n.attributes::jsonb, n.lineage, $8, $8
FROM (SELECT unnest($2::uuid[]) AS golden_id, unnest($3::integer[]) AS records, unnest($4::text[]) AS systems,
             unnest($5::text[]) AS founders, unnest($6::text[]) AS attributes, unnest($7::bytea[]) AS lineage) AS n
