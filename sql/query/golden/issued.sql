-- Which of some ids were ever issued. $1 golden ids.
SELECT g.golden_id FROM golden_record.golden_record AS g WHERE g.golden_id = ANY ($1::uuid[])
