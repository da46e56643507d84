-- What is derived and stored for source records, or for golden records, that are not there. $1 whether there may be keys among
-- it. That one left a block hides it in a segment of its type, which may be another: it stays.
WITH keys AS (
    DELETE FROM golden_record.block_key AS k
    WHERE $1 AND NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = k.record_id)),
blocks AS (
    DELETE FROM golden_record.block_change AS c
    WHERE c.joined AND NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = c.record_id)),
states AS (
    DELETE FROM golden_record.source_pii AS p
    WHERE NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = p.record_id)),
named AS (
    DELETE FROM golden_record.cross_reference AS x
    WHERE NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = x.record_id))
DELETE FROM golden_record.golden_pii AS v
WHERE NOT EXISTS (SELECT FROM golden_record.golden_record AS g WHERE g.golden_id = v.golden_id)
