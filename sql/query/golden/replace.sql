-- Golden records that changed, or live again; what they were moves to the history, unless this transaction made it. Arrays:
-- $1 ids, $2 records, $3 systems and $4 founders (array literals), $5 attributes, $6 lineage; $7 now; $8 ids of those with other values than
-- before; $9 heirs (array literals); the values by golden record: $10 ids, $11 systems, $12 regions, $13 sealed attributes.
WITH past AS (
    INSERT INTO golden_record.golden_history
        (golden_id, valid_from, valid_to, entity_type, status, merged_into, records, systems, attributes, lineage, created_at)
    SELECT g.golden_id, g.updated_at, golden_record.ended(g.updated_at, $7), g.entity_type, g.status,
           g.merged_into, g.records, g.systems, g.attributes, g.lineage, g.created_at
    FROM golden_record.golden_record AS g
    WHERE g.golden_id = ANY ($1::uuid[]) AND NOT golden_record.written_here(g.xmin)),
past_values AS (
    INSERT INTO golden_record.golden_history_pii (golden_id, system_name, region, attributes, valid_to)
    SELECT v.golden_id, v.system_name, v.region, v.attributes,
           CASE WHEN golden_record.written_here(g.xmin) THEN g.updated_at
                ELSE golden_record.ended(g.updated_at, $7) END
    FROM golden_record.golden_pii AS v
    JOIN golden_record.golden_record AS g ON g.golden_id = v.golden_id
    WHERE v.golden_id = ANY ($8::uuid[]) AND NOT golden_record.written_here(v.xmin)),
gone AS (
    DELETE FROM golden_record.golden_pii AS v
    WHERE v.golden_id = ANY ($8::uuid[])
      AND (v.golden_id, v.system_name, v.region) NOT IN (
        SELECT n.golden_id, n.system_name, n.region
        FROM (SELECT unnest($10::uuid[]) AS golden_id, unnest($11::text[]) AS system_name, unnest($12::text[]) AS region) AS n)),
put AS (
    INSERT INTO golden_record.golden_pii (golden_id, system_name, region, attributes)
    SELECT n.golden_id, n.system_name, n.region, n.attributes
    FROM (SELECT unnest($10::uuid[]) AS golden_id, unnest($11::text[]) AS system_name, unnest($12::text[]) AS region,
                 unnest($13::bytea[]) AS attributes) AS n
    ON CONFLICT (golden_id, system_name, region) DO UPDATE SET attributes = EXCLUDED.attributes)
UPDATE golden_record.golden_record AS g
SET status = 'live', merged_into = NULL, records = n.records,
    systems = n.systems::text[], founders = n.founders::bigint[],
    heirs = nullif(n.heirs, '{}')::bigint[],
    attributes = n.attributes::jsonb, lineage = n.lineage,
    updated_at = CASE WHEN golden_record.written_here(g.xmin) THEN g.updated_at
                      ELSE golden_record.ended(g.updated_at, $7) END
FROM (SELECT unnest($1::uuid[]) AS golden_id, unnest($2::integer[]) AS records, unnest($3::text[]) AS systems,
             unnest($4::text[]) AS founders, unnest($5::text[]) AS attributes, unnest($6::bytea[]) AS lineage,
             unnest($9::text[]) AS heirs) AS n
WHERE g.golden_id = n.golden_id
