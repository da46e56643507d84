-- Sets parts of an entity type's configuration; NULL leaves a part as it is. $1 entity type, $2 definition, $3 policy,
-- $4 options, $5 merge rules.
INSERT INTO golden_record.entity_type AS e (entity_type, definition, policy, options, merge_rules)
VALUES ($1, $2::text::jsonb, $3, $4::text::jsonb, $5::text::jsonb)
ON CONFLICT (entity_type) DO UPDATE
SET definition = coalesce(EXCLUDED.definition, e.definition), policy = coalesce(EXCLUDED.policy, e.policy),
    options = coalesce(EXCLUDED.options, e.options), merge_rules = coalesce(EXCLUDED.merge_rules, e.merge_rules)
