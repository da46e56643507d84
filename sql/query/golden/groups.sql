-- The sealed values of the living golden record that an id stands for. $1 golden id.
SELECT p.golden_id, p.system_name, p.region, p.attributes
FROM golden_record.golden_pii AS p
WHERE p.golden_id = golden_record.resolve($1)
