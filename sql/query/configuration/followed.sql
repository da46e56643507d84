-- Those of some attachments whose table is followed still. $1 attachments.
SELECT t.attachment_id FROM golden_record.attached_table AS t WHERE t.attachment_id = ANY ($1::bigint[]) AND t.followed
