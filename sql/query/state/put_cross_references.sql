-- Replaces the cross-references of records. $1 record ids; arrays: $2 record ids, $3 systems, $4 ids; $5 now.
WITH gone AS (
    DELETE FROM golden_record.cross_reference AS x
    WHERE x.record_id = ANY ($1::bigint[])
      AND (x.record_id, x.system_name, x.source_id) NOT IN (
        SELECT n.record_id, n.system_name, n.source_id
        FROM (SELECT unnest($2::bigint[]) AS record_id, unnest($3::text[]) AS system_name,
                     unnest($4::text[]) AS source_id) AS n)
    RETURNING x.*),
kept AS (
    INSERT INTO golden_record.cross_reference_history (record_id, system_name, source_id, valid_from, valid_to)
    SELECT g.record_id, g.system_name, g.source_id, g.since, golden_record.ended(g.since, $5) FROM gone AS g)
INSERT INTO golden_record.cross_reference (record_id, system_name, source_id, since)
SELECT n.record_id, n.system_name, n.source_id, $5
FROM (SELECT unnest($2::bigint[]) AS record_id, unnest($3::text[]) AS system_name, unnest($4::text[]) AS source_id) AS n
ON CONFLICT DO NOTHING
