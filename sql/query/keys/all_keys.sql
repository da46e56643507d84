-- Every stored key of the records of any entity type.
SELECT b.key, b.record_id, b.name_key
FROM golden_record.block_key AS b
