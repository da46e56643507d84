-- Takes a role's scope away. $1 role.
DELETE FROM golden_record.scope AS s WHERE s.role = $1 RETURNING s.role
