-- Takes the values of golden records away, before new ones are put. $1 ids.
DELETE FROM golden_record.golden_pii AS p WHERE p.golden_id = ANY ($1::uuid[])
