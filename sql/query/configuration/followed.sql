-- The attachments whose table still has its triggers. $1 attachments.
SELECT a.attachment_id
FROM golden_record.attachment AS a
WHERE a.attachment_id = ANY ($1::bigint[]) AND a.attached
  AND EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE t.tgname = 'golden_record_insert' AND NOT t.tgisinternal
      AND pg_catalog.split_part(pg_catalog.encode(t.tgargs, 'escape'), E'\\', 1) = a.attachment_id::text)
