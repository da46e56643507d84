-- The segments that hold blocks. $1 entity type, $2 blocks.
SELECT s.segment, b.shift, s.members
FROM golden_record.block_base AS b
CROSS JOIN LATERAL (
    SELECT DISTINCT CASE WHEN b.shift >= 64 THEN 0 ELSE (w.block >> b.shift)::integer END AS segment
    FROM unnest($2::bigint[]) AS w (block)) AS wanted
JOIN golden_record.block_segment AS s ON s.entity_type = b.entity_type AND s.segment = wanted.segment
WHERE b.entity_type = $1
