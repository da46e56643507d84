-- Founders and heirs of golden ids that do not lead back to these: they do again. $1 entity type.
UPDATE golden_record.source_record AS r
SET founded = r.founded || lost.ids
FROM (SELECT n.record_id, pg_catalog.array_agg(n.golden_id ORDER BY n.seq) AS ids
      FROM (SELECT g.golden_id, g.seq, unnest(g.founders || g.heirs) AS record_id
            FROM golden_record.golden_record AS g WHERE g.entity_type = $1) AS n
      JOIN golden_record.source_record AS s ON s.record_id = n.record_id
      WHERE n.golden_id = ANY (s.founded) IS NOT TRUE
      GROUP BY n.record_id) AS lost
WHERE r.record_id = lost.record_id
