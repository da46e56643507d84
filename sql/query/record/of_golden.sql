-- The records of a golden record: its members, and deleted ones that belonged to it, or to one merged into it, last; what a merge
-- brought them to is theirs as long as that merge holds. Where no membership is on record, as of those that came and went in
-- one transaction, those that such an id was issued for. $1 golden id.
WITH RECURSIVE same AS (
    SELECT $1 AS golden_id
    UNION
    SELECT g.golden_id FROM same JOIN golden_record.golden_record AS g ON g.merged_into = same.golden_id),
home AS (
    SELECT last.record_id, last.golden_id, last.valid_from
    FROM (
        SELECT DISTINCT dead.record_id
        FROM golden_record.membership_history AS m
        JOIN golden_record.source_record AS dead ON dead.record_id = m.record_id AND NOT dead.live
        WHERE m.golden_id IN (SELECT same.golden_id FROM same)) AS dead
    CROSS JOIN LATERAL (
        SELECT m.record_id, m.golden_id, m.valid_from
        FROM golden_record.membership_history AS m WHERE m.record_id = dead.record_id
        ORDER BY m.valid_to DESC LIMIT 1) AS last
    UNION ALL
    -- Moved there with all that its golden record had, which is merged so no longer.
    SELECT m.record_id, m.golden_id, m.valid_from
    FROM home
    JOIN golden_record.membership_history AS m ON m.record_id = home.record_id AND m.valid_to = home.valid_from
    JOIN golden_record.golden_history AS merged
      ON merged.golden_id = m.golden_id AND merged.merged_into = home.golden_id
     AND merged.valid_from <= m.valid_to AND merged.valid_to > m.valid_to)
SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id, p.state, p.region
FROM golden_record.source_record AS r
JOIN golden_record.source_pii AS p ON p.record_id = r.record_id
WHERE r.record_id IN (
    SELECT own.record_id FROM golden_record.source_record AS own WHERE own.golden_id = $1
    UNION
    SELECT at_home.record_id
    FROM (SELECT DISTINCT ON (home.record_id) home.* FROM home ORDER BY home.record_id, home.valid_from) AS at_home
    WHERE at_home.golden_id IN (SELECT same.golden_id FROM same)
    UNION
    SELECT dead.record_id
    FROM same
    JOIN golden_record.golden_record AS g ON g.golden_id = same.golden_id
    JOIN golden_record.source_record AS dead ON dead.record_id = ANY (g.founders || g.heirs) AND NOT dead.live
    WHERE NOT EXISTS (SELECT FROM golden_record.membership_history AS m WHERE m.record_id = dead.record_id))
ORDER BY r.record_id
