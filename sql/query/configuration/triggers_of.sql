-- The triggers by which a table is followed, and the attachment that each names. $1 table.
SELECT t.name::text, t.attachment_id
FROM golden_record.attached_trigger AS t
WHERE t.relation = $1 AND t.attachment_id IS NOT NULL
