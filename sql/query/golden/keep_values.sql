-- Moves the values of golden records to the history, before others take their place; those that this transaction made are
-- dropped with the state that they were of. $1 golden ids, $2 now.
WITH gone AS (
    DELETE FROM golden_record.golden_pii AS v WHERE v.golden_id = ANY ($1::uuid[])
    RETURNING v.*, NOT golden_record.written_here(v.xmin) AS seen)
INSERT INTO golden_record.golden_history_pii (golden_id, system_name, region, attributes, valid_to)
SELECT gone.golden_id, gone.system_name, gone.region, gone.attributes,
       CASE WHEN golden_record.written_here(g.xmin) THEN g.updated_at
            ELSE golden_record.ended(g.updated_at, $2) END
FROM gone
JOIN golden_record.golden_record AS g ON g.golden_id = gone.golden_id
WHERE gone.seen
