-- Which of some keys are generic now. $1 keys.
SELECT g.key, g.reason FROM golden_record.generic_key AS g WHERE g.key = ANY ($1::bigint[])
