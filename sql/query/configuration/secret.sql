-- The secret of a name, made where there is none. $1 name.
WITH made AS (
    INSERT INTO golden_record.key_ring (name, secret)
    SELECT $1, pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) || pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
                                 || pg_catalog.uuid_send(pg_catalog.gen_random_uuid()))
    WHERE NOT EXISTS (SELECT FROM golden_record.key_ring AS k WHERE k.name = $1)
    ON CONFLICT (name) DO NOTHING
    RETURNING secret)
SELECT made.secret FROM made
UNION ALL
SELECT k.secret FROM golden_record.key_ring AS k WHERE k.name = $1
