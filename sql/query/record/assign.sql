-- Source records that moved, or changed their origin. Arrays: $1 record ids, $2 attachments, $3 golden ids,
-- $4 components; $5 now.
WITH moved AS MATERIALIZED (
    SELECT n.*, r.golden_id AS left_id, r.since,
           CASE WHEN r.golden_id IS DISTINCT FROM n.golden_id THEN greatest($5, r.since + interval '1 microsecond')
                ELSE r.since END AS now
    FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::bigint[])
        AS n (record_id, attachment_id, golden_id, component_id)
    JOIN golden_record.source_record AS r ON r.record_id = n.record_id),
kept AS (
    INSERT INTO golden_record.membership_history (record_id, golden_id, valid_from, valid_to)
    SELECT m.record_id, m.left_id, m.since, m.now FROM moved AS m WHERE m.left_id IS DISTINCT FROM m.golden_id AND m.left_id IS NOT NULL)
UPDATE golden_record.source_record AS r
SET attachment_id = n.attachment_id, live = n.golden_id IS NOT NULL, golden_id = n.golden_id, component_id = n.component_id,
    since = n.now
FROM moved AS n
WHERE r.record_id = n.record_id
