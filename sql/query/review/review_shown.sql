-- The review pair of two golden records that review_queue shows, which orders them so. Arrays: $1 and $2, their records.
SELECT p.review_id
FROM (SELECT * FROM golden_record.review_pair WHERE record_a = ANY ($1::bigint[]) AND record_b = ANY ($2::bigint[])
      UNION ALL
      SELECT * FROM golden_record.review_pair WHERE record_a = ANY ($2::bigint[]) AND record_b = ANY ($1::bigint[])) AS p
JOIN golden_record.source_record AS a ON a.record_id = p.record_a
JOIN golden_record.source_record AS b ON b.record_id = p.record_b
CROSS JOIN LATERAL (
    SELECT pg_catalog.jsonb_build_object('systemName', a.system_name, 'id', a.source_id) AS a,
           pg_catalog.jsonb_build_object('systemName', b.system_name, 'id', b.source_id) AS b) AS name
ORDER BY p.score DESC, least(name.a, name.b), greatest(name.a, name.b)
LIMIT 1
