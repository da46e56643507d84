-- Marks the configuration as changed. The number is used once only, were the extension dropped and made again.
INSERT INTO golden_record.configuration AS c (version)
VALUES (pg_catalog.pg_current_xact_id()::text::bigint * 1048576
        + pg_catalog.nextval('golden_record.configuration_version_seq'::regclass) % 1048576)
ON CONFLICT (singleton) DO UPDATE SET version = EXCLUDED.version
