-- Races. $1 entity type; arrays: $2 golden ids, $3 kinds, $4 fields (JSON arrays), $5 winners, $6 losers, $7 rules.
INSERT INTO golden_record.race (entity_type, golden_id, kind, fields, winner, loser, rule)
SELECT $1, n.golden_id, n.kind, ARRAY (SELECT pg_catalog.jsonb_array_elements_text(n.fields::jsonb)), n.winner::jsonb,
       n.loser::jsonb, n.rule
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY
    AS n (golden_id, kind, fields, winner, loser, rule, ordinal)
ORDER BY n.ordinal
