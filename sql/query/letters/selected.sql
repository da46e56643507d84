-- Dead letters. $1 filter; $2 refused before that moment (NULL: whenever); $3 all of them, or those that can be tried again: rows
-- of tables that are followed come again by backfill; of one that came while a column of its table was gone (42703) nobody knows
-- what record it is.
SELECT r.rejected_id, r.feed, r.system_name, p.payload
FROM golden_record.rejected_record AS r
LEFT JOIN golden_record.rejected_payload AS p ON p.rejected_id = r.rejected_id
WHERE (SELECT pg_catalog.bool_and(coalesce(CASE f.key
           WHEN 'rejected_id' THEN pg_catalog.to_jsonb(r.rejected_id) <@ f.value
           WHEN 'feed' THEN r.feed = f.value #>> '{}'
           WHEN 'system_name' THEN r.system_name = f.value #>> '{}'
           WHEN 'source_id' THEN r.source_id = f.value #>> '{}'
           WHEN 'field' THEN r.field = f.value #>> '{}'
           WHEN 'sqlstate' THEN r.sqlstate = f.value #>> '{}'
       END, false)) FROM pg_catalog.jsonb_each($1::jsonb) AS f) IS NOT FALSE
  AND ($2 IS NULL OR r.at < $2)
  AND ($3 OR p.payload IS NOT NULL AND (r.attachment_id IS NULL OR r.sqlstate <> '42703') AND NOT EXISTS (
    SELECT FROM golden_record.attached_table AS t WHERE t.attachment_id = r.attachment_id AND t.followed))
ORDER BY r.rejected_id
