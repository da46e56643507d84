-- Values of golden records that are not there.
DELETE FROM golden_record.golden_pii AS v
WHERE NOT EXISTS (SELECT FROM golden_record.golden_record AS g WHERE g.golden_id = v.golden_id)
