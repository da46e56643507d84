-- Founders and heirs of golden ids that do not lead back to these. $1 entity type.
SELECT n.golden_id, r.system_name, r.source_id
FROM (SELECT g.golden_id, unnest(g.founders || g.heirs) AS record_id
      FROM golden_record.golden_record AS g WHERE g.entity_type = $1) AS n
JOIN golden_record.source_record AS r ON r.record_id = n.record_id
WHERE n.golden_id = ANY (r.founded) IS NOT TRUE
