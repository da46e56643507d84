-- Records that inherit golden ids: they lead back to these. Arrays: $1 record ids, $2 golden ids.
UPDATE golden_record.source_record AS r
SET founded = r.founded || n.golden_ids
FROM (SELECT n.record_id, pg_catalog.array_agg(n.golden_id) AS golden_ids
      FROM (SELECT unnest($1::bigint[]) AS record_id, unnest($2::uuid[]) AS golden_id) AS n
      JOIN golden_record.source_record AS s ON s.record_id = n.record_id
      WHERE n.golden_id = ANY (s.founded) IS NOT TRUE
      GROUP BY n.record_id) AS n
WHERE r.record_id = n.record_id
