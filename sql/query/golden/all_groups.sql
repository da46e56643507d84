-- The sealed values of the golden records of any entity type.
SELECT p.golden_id, p.system_name, p.region, p.attributes
FROM golden_record.golden_pii AS p
