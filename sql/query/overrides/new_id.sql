-- A fresh id of an override.
SELECT pg_catalog.nextval('golden_record.value_override_override_id_seq'::regclass)
