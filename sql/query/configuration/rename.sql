-- Attachments that have ended are known by the name that their table has now, and so are those of it before them, which had
-- their name and system, and what was refused of its rows: by its name it finds them when it is attached again. $1 attachments,
-- $2 name.
WITH renamed AS (
    UPDATE golden_record.attachment AS a
    SET relation = $2
    FROM golden_record.attachment AS ended
    WHERE ended.attachment_id = ANY ($1::bigint[]) AND ended.relation <> $2
      AND a.relation = ended.relation AND a.attachment_id <= ended.attachment_id AND NOT a.attached
      AND a.entity_type = ended.entity_type AND a.system_name IS NOT DISTINCT FROM ended.system_name
    RETURNING a.attachment_id)
UPDATE golden_record.rejected_record AS r
SET feed = $2
FROM renamed
WHERE r.attachment_id = renamed.attachment_id
