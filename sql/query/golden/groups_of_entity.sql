-- The sealed values of an entity type's golden records. $1 entity type.
SELECT p.golden_id, p.system_name, p.region, p.attributes
FROM golden_record.golden_pii AS p
JOIN golden_record.golden_record AS g ON g.golden_id = p.golden_id
WHERE g.entity_type = $1
