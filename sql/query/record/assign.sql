-- Source records that moved, or changed their origin. Arrays: $1 record ids, $2 attachments, $3 golden ids,
-- $4 components, $5 whether the golden id was issued for them; $6 now. What a record belonged to is kept, unless this transaction
-- brought it there itself, and to another now that was there then: nobody saw it there, and where it is now is where it was since.
WITH moved AS MATERIALIZED (
    SELECT n.*, r.golden_id AS left_id, r.since, r.golden_id IS DISTINCT FROM n.golden_id AND NOT (
               EXISTS (
                   SELECT FROM golden_record.golden_record AS g
                   WHERE g.golden_id = r.golden_id AND g.updated_at <= r.since AND golden_record.written_here(g.xmin))
               AND EXISTS (
                   SELECT FROM golden_record.golden_record AS g
                   WHERE g.golden_id = n.golden_id AND g.created_at <= r.since)) AS ends
    FROM (SELECT unnest($1::bigint[]) AS record_id, unnest($2::bigint[]) AS attachment_id,
                 unnest($3::uuid[]) AS golden_id, unnest($4::bigint[]) AS component_id, unnest($5::boolean[]) AS founds) AS n
    CROSS JOIN LATERAL (
        SELECT s.golden_id, s.since FROM golden_record.source_record AS s WHERE s.record_id = n.record_id OFFSET 0) AS r),
kept AS (
    INSERT INTO golden_record.membership_history (record_id, golden_id, valid_from, valid_to)
    SELECT m.record_id, m.left_id, m.since, golden_record.ended(m.since, $6) FROM moved AS m WHERE m.ends AND m.left_id IS NOT NULL)
UPDATE golden_record.source_record AS r
SET attachment_id = n.attachment_id, live = n.golden_id IS NOT NULL, golden_id = n.golden_id, component_id = n.component_id,
    founded = CASE WHEN n.founds THEN r.founded || n.golden_id ELSE r.founded END,
    since = CASE WHEN n.ends THEN golden_record.ended(n.since, $6) ELSE n.since END
FROM moved AS n
WHERE r.record_id = n.record_id
