-- Generic keys: which values count for nothing, and why.
SELECT g.key, g.attribute, g.value, g.reason, g.threshold
FROM golden_record.generic_key AS g
