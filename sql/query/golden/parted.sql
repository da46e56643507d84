-- Golden ids whose founders and heirs are all deleted, of one side of a decision, and that redirect to a golden record which has
-- nobody of that side: with these, and with the golden id of who lives of that side. Ids of who lives that led there by one of
-- these lead there still. $1 decision, taken back.
WITH RECURSIVE dead AS (
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
    WHERE m.decision_id = $1),
parted AS (
    SELECT DISTINCT ON (g.golden_id) g.golden_id, g.founders, g.heirs, g.merged_into, golden_record.resolve(g.golden_id) AS led_to,
           (SELECT own.golden_id FROM own WHERE own.side = dead.side ORDER BY own.record_id LIMIT 1) AS into_id
    FROM dead
    JOIN golden_record.golden_record AS g
      ON g.golden_id = ANY (dead.founded) AND dead.record_id = ANY (g.founders) AND g.status = 'retired'
    WHERE NOT EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = ANY (g.founders || g.heirs) AND r.live)
      AND NOT EXISTS (SELECT FROM own WHERE own.side = dead.side AND own.golden_id = golden_record.resolve(g.golden_id))
    ORDER BY g.golden_id, dead.side),
led AS (
    SELECT parted.golden_id, parted.led_to FROM parted WHERE parted.merged_into IS NOT NULL AND parted.led_to IS NOT NULL
    UNION
    SELECT g.golden_id, led.led_to FROM led JOIN golden_record.golden_record AS g ON g.merged_into = led.golden_id)
SELECT parted.golden_id, parted.founders, coalesce(parted.heirs, '{}'), parted.into_id FROM parted
WHERE parted.merged_into IS NOT NULL
UNION ALL
SELECT g.golden_id, g.founders, coalesce(g.heirs, '{}'), led.led_to
FROM led JOIN golden_record.golden_record AS g ON g.golden_id = led.golden_id
WHERE EXISTS (SELECT FROM golden_record.source_record AS r WHERE r.record_id = ANY (g.founders || g.heirs) AND r.live)
