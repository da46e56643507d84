-- The live records that an attached table answers for: its own, and those of its system whose table is followed no more; of
-- a table of several systems, those of the table of that name before. $1 attachment.
WITH own AS (
    SELECT a.attachment_id, a.relation, a.system_name, a.entity_type FROM golden_record.attachment AS a WHERE a.attachment_id = $1),
former AS (
    SELECT t.attachment_id, t.relation, t.system_name FROM golden_record.attached_table AS t WHERE NOT t.followed)
SELECT r.system_name, r.source_id
FROM golden_record.source_record AS r
WHERE r.live AND (r.attachment_id = $1
    OR r.entity_type = (SELECT own.entity_type FROM own)
       AND (r.system_name = (SELECT own.system_name FROM own)
                AND r.attachment_id = ANY (ARRAY(SELECT former.attachment_id FROM former))
            OR r.attachment_id = ANY (ARRAY(
                SELECT former.attachment_id FROM former JOIN own ON own.relation = former.relation
                WHERE own.system_name IS NULL AND former.system_name IS NULL))))
