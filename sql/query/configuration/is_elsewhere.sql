-- Whether another table has triggers of an attachment too. $1 attachment, $2 table.
SELECT EXISTS (SELECT FROM golden_record.attached_trigger AS t WHERE t.attachment_id = $1 AND t.relation <> $2)
