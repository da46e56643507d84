SELECT e.entity_type, e.definition::text, e.policy, e.options::text, e.merge_rules::text, e.model_id
FROM golden_record.entity_type AS e
