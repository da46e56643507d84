-- Replaces what is known of limits in components, and tells how many rows that was. $1 entity type, $2 components looked
-- at (NULL: all of the type); arrays: $3 components, $4 limits, $5 figures, $6 thresholds.
WITH gone AS (
    DELETE FROM golden_record.limit_reached AS l
    WHERE l.entity_type = $1 AND ($2::bigint[] IS NULL OR l.component_id = ANY ($2::bigint[]))
      AND (l.component_id, l.what) NOT IN (
        SELECT n.component_id, n.what FROM (SELECT unnest($3::bigint[]) AS component_id, unnest($4::text[]) AS what) AS n)
    RETURNING 1),
put AS (
    INSERT INTO golden_record.limit_reached AS l (entity_type, component_id, what, figure, threshold)
    SELECT $1, n.component_id, n.what, n.figure, n.threshold
    FROM (SELECT unnest($3::bigint[]) AS component_id, unnest($4::text[]) AS what, unnest($5::bigint[]) AS figure,
                 unnest($6::bigint[]) AS threshold) AS n
    ON CONFLICT (component_id, what) DO UPDATE
    SET entity_type = EXCLUDED.entity_type, figure = EXCLUDED.figure, threshold = EXCLUDED.threshold
    WHERE (l.entity_type, l.figure, l.threshold) <> (EXCLUDED.entity_type, EXCLUDED.figure, EXCLUDED.threshold)
    RETURNING 1)
SELECT (SELECT pg_catalog.count(*) FROM gone) + (SELECT pg_catalog.count(*) FROM put)
