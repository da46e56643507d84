-- Keys that are generic no longer. $1 keys.
DELETE FROM golden_record.generic_key AS g WHERE g.key = ANY ($1::bigint[])
