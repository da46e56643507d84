-- Golden records that live no longer. Arrays: $1 ids, $2 the ids they redirect to.
UPDATE golden_record.golden_record AS g
SET status = 'retired', merged_into = n.into_id, records = 0, systems = '{}', attributes = '{}', lineage = '{}',
    updated_at = pg_catalog.now()
FROM unnest($1::uuid[], $2::uuid[]) AS n (golden_id, into_id)
WHERE g.golden_id = n.golden_id
