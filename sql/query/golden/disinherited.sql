-- Heirs of golden ids who are of a decision that is taken back, where a founder is of it too: and whether they are on the other side
-- than he was, and no decision in force holds the two together. $1 decision.
SELECT g.golden_id, heir.record_id,
       pg_catalog.bool_or(founder.side <> heir.side AND NOT EXISTS (
           SELECT FROM golden_record.decision_member AS a
           JOIN golden_record.decision_member AS b
             ON b.decision_id = a.decision_id AND b.side <> a.side AND b.record_id = founder.record_id
           JOIN golden_record.decision AS other
             ON other.decision_id = a.decision_id AND other.decision = 'same' AND other.reverted_at IS NULL
           WHERE a.record_id = heir.record_id))
FROM golden_record.decision_member AS heir
JOIN golden_record.decision AS d ON d.decision_id = heir.decision_id AND d.decision = 'same'
JOIN golden_record.source_record AS r ON r.record_id = heir.record_id
JOIN golden_record.golden_record AS g ON g.golden_id = ANY (r.founded) AND r.record_id = ANY (g.heirs)
JOIN golden_record.decision_member AS founder ON founder.decision_id = heir.decision_id AND founder.record_id = ANY (g.founders)
WHERE heir.decision_id = $1
GROUP BY g.golden_id, heir.record_id
