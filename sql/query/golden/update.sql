-- Golden records that changed, or live again; what they were is kept before. Arrays: $1 ids, $2 records, $3 systems (array literals),
-- $4 attributes, $5 lineage; $6 now.
UPDATE golden_record.golden_record AS g
SET status = 'live', merged_into = NULL, records = n.records,
    systems = n.systems::text[],
    attributes = n.attributes::jsonb, lineage = n.lineage,
    updated_at = CASE WHEN g.xmin = pg_catalog.pg_current_xact_id()::xid THEN g.updated_at
                      ELSE greatest($6, g.updated_at + interval '1 microsecond') END
FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::bytea[])
    AS n (golden_id, records, systems, attributes, lineage)
WHERE g.golden_id = n.golden_id
