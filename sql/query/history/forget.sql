-- Removes what was no longer so at $1, and remembers since when history is complete. Gives the number of rows.
WITH golden AS (
    DELETE FROM golden_record.golden_history AS h WHERE h.valid_to <= $1 RETURNING 1),
held AS (
    DELETE FROM golden_record.golden_history_pii AS h WHERE h.valid_to <= $1 RETURNING 1),
member AS (
    DELETE FROM golden_record.membership_history AS h WHERE h.valid_to <= $1 RETURNING 1),
reference AS (
    DELETE FROM golden_record.cross_reference_history AS h WHERE h.valid_to <= $1 RETURNING 1),
horizon AS (
    INSERT INTO golden_record.history_horizon AS o (at) VALUES ($1)
    ON CONFLICT (singleton) DO UPDATE SET at = greatest(o.at, EXCLUDED.at))
SELECT (SELECT pg_catalog.count(*) FROM golden) + (SELECT pg_catalog.count(*) FROM held)
     + (SELECT pg_catalog.count(*) FROM member) + (SELECT pg_catalog.count(*) FROM reference)
