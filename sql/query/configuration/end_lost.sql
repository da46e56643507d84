-- Tables that no table's triggers follow any more, dropped or detached, are followed no more; what is known of them stays, for
-- their records' versions are read by it. Gives their names, and whether another that is followed has that name: one was renamed.
UPDATE golden_record.attachment AS a
SET attached = false
WHERE a.attached AND NOT EXISTS (
    SELECT FROM golden_record.attached_trigger AS t WHERE t.attachment_id = a.attachment_id)
RETURNING a.relation, EXISTS (
    SELECT FROM golden_record.attachment AS o
    JOIN golden_record.attached_trigger AS t ON t.attachment_id = o.attachment_id
    WHERE o.attached AND o.relation = a.relation)
