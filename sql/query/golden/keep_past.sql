-- Keeps what golden records are before it is replaced, unless this transaction made it. $1 golden ids, $2 now.
INSERT INTO golden_record.golden_history
    (golden_id, valid_from, valid_to, entity_type, status, merged_into, records, systems, attributes, lineage, created_at)
SELECT g.golden_id, g.updated_at, golden_record.ended(g.updated_at, $2), g.entity_type, g.status, g.merged_into,
       g.records, g.systems, g.attributes, g.lineage, g.created_at
FROM golden_record.golden_record AS g
WHERE g.golden_id = ANY ($1::uuid[]) AND NOT golden_record.written_here(g.xmin)
