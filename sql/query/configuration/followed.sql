-- The attachments whose table still has triggers of theirs. $1 attachments.
SELECT a.attachment_id
FROM golden_record.attachment AS a
WHERE a.attachment_id = ANY ($1::bigint[]) AND a.attached
  AND EXISTS (SELECT FROM golden_record.attached_trigger AS t WHERE t.attachment_id = a.attachment_id)
