-- Tables that no table's triggers follow any more, dropped or detached, are followed no more; what is known of them stays, for
-- their records' versions are read by it. Gives them, their names, and whether another that is followed has that name: one was
-- renamed.
UPDATE golden_record.attachment AS a
SET attached = false
FROM golden_record.attached_table AS t
WHERE t.attachment_id = a.attachment_id AND a.attached AND NOT t.followed
RETURNING a.attachment_id, a.relation, EXISTS (
    SELECT FROM golden_record.attached_table AS o WHERE o.followed AND o.relation = a.relation)
