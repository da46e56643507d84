-- Races. $1 entity type; arrays: $2 golden ids, $3 kinds, $4 fields (JSON arrays), $5 winners, $6 losers, $7 rules. race_id follows
-- the order of the arrays.
INSERT INTO golden_record.race (entity_type, golden_id, kind, fields, winner, loser, rule)
SELECT $1, n.golden_id, n.kind, ARRAY (SELECT pg_catalog.jsonb_array_elements_text(n.fields::jsonb)), n.winner::jsonb,
       n.loser::jsonb, n.rule
FROM (SELECT unnest($2::uuid[]) AS golden_id, unnest($3::text[]) AS kind, unnest($4::text[]) AS fields,
             unnest($5::text[]) AS winner, unnest($6::text[]) AS loser, unnest($7::text[]) AS rule) AS n
