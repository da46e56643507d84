-- Generic keys, and why they are.
SELECT g.key, g.reason
FROM golden_record.generic_key AS g
