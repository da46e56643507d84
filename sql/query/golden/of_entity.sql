-- Every golden id of an entity type. $1 entity type.
SELECT g.golden_id, g.seq, g.status = 'live', g.merged_into, g.attributes, g.lineage, g.founders,
       coalesce(g.heirs, '{}'), g.records, g.systems
FROM golden_record.golden_record AS g
WHERE g.entity_type = $1
