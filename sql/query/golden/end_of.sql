-- Where an id that was merged into another leads to in the end. $1 id.
WITH RECURSIVE chain AS (
    SELECT g.golden_id, g.merged_into FROM golden_record.golden_record AS g WHERE g.golden_id = $1
    UNION
    SELECT g.golden_id, g.merged_into
    FROM chain JOIN golden_record.golden_record AS g ON g.golden_id = chain.merged_into)
SELECT chain.golden_id FROM chain WHERE chain.merged_into IS NULL AND chain.golden_id <> $1
