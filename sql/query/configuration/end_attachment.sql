-- A table is followed no more; what is known of it stays, for its records' versions are read by it. $1 attachment.
UPDATE golden_record.attachment SET attached = false WHERE attachment_id = $1
