-- Masks what is still shown of attributes that are masked now: in the history and in overrides. $1 entity type; arrays:
-- $2 attributes, $3 kinds. Gives the number of rows. What is masked already stays as it is.
WITH hidden AS MATERIALIZED (
    SELECT unnest($2::text[]) AS name, unnest($3::text[]) AS kind),
state AS (
    UPDATE golden_record.golden_history AS h
    SET attributes = h.attributes || (
        SELECT pg_catalog.jsonb_object_agg(a.name, golden_record.mask(h.attributes ->> a.name, a.kind))
        FROM hidden AS a WHERE pg_catalog.jsonb_exists(h.attributes, a.name))
    WHERE h.entity_type = $1 AND EXISTS (
        SELECT FROM hidden AS a
        WHERE h.attributes ->> a.name <> golden_record.mask(h.attributes ->> a.name, a.kind))
    RETURNING 1),
override AS (
    UPDATE golden_record.value_override AS o
    SET shown = golden_record.mask(o.shown, a.kind)
    FROM hidden AS a
    WHERE o.entity_type = $1 AND o.attribute = a.name AND o.shown <> golden_record.mask(o.shown, a.kind)
    RETURNING 1)
SELECT (SELECT pg_catalog.count(*) FROM state) + (SELECT pg_catalog.count(*) FROM override)
