-- Golden records that live no longer; what they were is kept before. Arrays: $1 ids, $2 the ids they redirect to,
-- $3 founders and $5 heirs (array literals); $4 now.
UPDATE golden_record.golden_record AS g
SET status = 'retired', merged_into = n.into_id, records = 0, systems = '{}', attributes = '{}', lineage = '',
    founders = n.founders::bigint[], heirs = nullif(n.heirs, '{}')::bigint[],
    updated_at = CASE WHEN golden_record.written_here(g.xmin) THEN g.updated_at
                      ELSE golden_record.ended(g.updated_at, $4) END
FROM (SELECT unnest($1::uuid[]) AS golden_id, unnest($2::uuid[]) AS into_id, unnest($3::text[]) AS founders,
             unnest($5::text[]) AS heirs) AS n
WHERE g.golden_id = n.golden_id
