-- What is stored for source records, or for golden records, that are not there, as kinds of verify: with the key or block, or
-- the golden id; not of a golden id that source records say they belong to, which is named by these. $1 whether there
-- may be keys: they are many, and mostly known to be of the records that were read.
SELECT 'key', k.key, NULL::uuid
FROM golden_record.block_key AS k
WHERE $1 AND NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = k.record_id)
UNION ALL
SELECT 'block', c.block, NULL
FROM golden_record.block_change AS c
WHERE c.joined AND NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = c.record_id)
UNION ALL
SELECT 'state', NULL, NULL
FROM golden_record.source_pii AS p
WHERE NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = p.record_id)
UNION ALL
SELECT 'version', NULL, NULL
FROM golden_record.record_version AS v
WHERE NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = v.record_id)
UNION ALL
SELECT 'cross_reference', NULL, NULL
FROM golden_record.cross_reference AS x
WHERE NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = x.record_id)
UNION ALL
SELECT DISTINCT 'golden_id', NULL::bigint, v.golden_id
FROM golden_record.golden_pii AS v
WHERE NOT EXISTS (SELECT FROM golden_record.golden_record AS g WHERE g.golden_id = v.golden_id)
  AND NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.golden_id = v.golden_id)
