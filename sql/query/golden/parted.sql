-- Golden ids whose founders and heirs are all deleted, of one side of a decision, and that redirect to a golden record which has
-- nobody of that side: with these, and with the golden id of who lives of that side. $1 decision, taken back.
WITH dead AS (
    SELECT m.side, r.record_id, r.founded
    FROM golden_record.decision_member AS m
    JOIN golden_record.source_record AS r ON r.record_id = m.record_id AND NOT r.live
    JOIN golden_record.decision AS d ON d.decision_id = m.decision_id AND d.decision = 'same'
    WHERE m.decision_id = $1
      AND NOT EXISTS (
        SELECT FROM golden_record.decision_member AS also
        JOIN golden_record.decision AS other
          ON other.decision_id = also.decision_id AND other.decision = 'same' AND other.reverted_at IS NULL
        WHERE also.record_id = m.record_id)),
own AS (
    SELECT m.side, r.golden_id, r.record_id
    FROM golden_record.decision_member AS m
    JOIN golden_record.source_record AS r ON r.record_id = m.record_id AND r.live
    WHERE m.decision_id = $1)
SELECT DISTINCT g.golden_id, g.founders, coalesce(g.heirs, '{}'), (SELECT own.golden_id FROM own WHERE own.side = dead.side ORDER BY own.record_id LIMIT 1)
FROM dead
JOIN golden_record.golden_record AS g ON g.golden_id = ANY (dead.founded) AND dead.record_id = ANY (g.founders)
WHERE g.merged_into IS NOT NULL
  AND NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = ANY (g.founders || g.heirs) AND r.live)
  AND NOT EXISTS (SELECT FROM own WHERE own.side = dead.side AND own.golden_id = golden_record.resolve(g.golden_id))
