-- The regions that records are of: their index is asked once a region.
WITH RECURSIVE held AS (
    SELECT (SELECT s.region FROM golden_record.source_pii AS s ORDER BY s.region COLLATE "C" LIMIT 1) AS region
    UNION ALL
    SELECT (SELECT s.region FROM golden_record.source_pii AS s
            WHERE s.region COLLATE "C" > held.region ORDER BY s.region COLLATE "C" LIMIT 1)
    FROM held WHERE held.region IS NOT NULL)
SELECT held.region FROM held WHERE held.region IS NOT NULL
