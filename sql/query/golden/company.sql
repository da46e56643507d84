-- Members of golden records that were there together with a founder, and whether a decision that held the two together is
-- taken back in this transaction. $1 golden ids.
SELECT g.golden_id, r.record_id, pg_catalog.bool_or(coalesce(between.parted, false))
FROM golden_record.golden_record AS g
JOIN golden_record.source_record AS r ON r.golden_id = g.golden_id
JOIN golden_record.membership_history AS h
  ON h.record_id = ANY (g.founders) AND h.golden_id = g.golden_id AND h.valid_to > r.since
CROSS JOIN LATERAL (
    SELECT pg_catalog.bool_and(d.reverted_at IS NOT NULL)
           AND pg_catalog.bool_or(golden_record.written_here(d.xmin)) AS parted
    FROM golden_record.decision_member AS founder
    JOIN golden_record.decision_member AS member
      ON member.decision_id = founder.decision_id AND member.side <> founder.side AND member.record_id = r.record_id
    JOIN golden_record.decision AS d ON d.decision_id = founder.decision_id AND d.decision = 'same'
    WHERE founder.record_id = h.record_id) AS between
WHERE g.golden_id = ANY ($1::uuid[])
GROUP BY g.golden_id, r.record_id
