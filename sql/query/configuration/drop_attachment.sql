-- $1 attachment.
DELETE FROM golden_record.attachment WHERE attachment_id = $1
