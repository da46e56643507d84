-- Every generic key of an entity type. $1 entity type.
SELECT g.key, g.reason FROM golden_record.generic_key AS g WHERE g.entity_type = $1
