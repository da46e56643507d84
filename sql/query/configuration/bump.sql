-- Marks the configuration as changed.
INSERT INTO golden_record.configuration AS c (version)
VALUES (pg_catalog.nextval('golden_record.configuration_version_seq'::regclass))
ON CONFLICT (singleton) DO UPDATE SET version = EXCLUDED.version
