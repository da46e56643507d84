-- The secret of a name. $1 name.
SELECT k.secret FROM golden_record.key_ring AS k WHERE k.name = $1
