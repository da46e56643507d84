-- A member of each living golden record that stands for ids which records founded or inherited, and which these have not left.
-- $1 record ids.
WITH RECURSIVE chain AS (
    SELECT g.golden_id, g.merged_into
    FROM golden_record.source_record AS r
    JOIN golden_record.golden_record AS g ON g.golden_id = ANY (r.founded) AND r.record_id = ANY (g.founders || g.heirs)
    WHERE r.record_id = ANY ($1::bigint[])
    UNION
    SELECT g.golden_id, g.merged_into
    FROM chain JOIN golden_record.golden_record AS g ON g.golden_id = chain.merged_into)
SELECT held.record_id
FROM chain
CROSS JOIN LATERAL (
    SELECT r.record_id FROM golden_record.source_record AS r WHERE r.golden_id = chain.golden_id LIMIT 1) AS held
