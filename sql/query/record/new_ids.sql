-- Fresh record ids. $1 how many.
SELECT pg_catalog.nextval('golden_record.source_record_record_id_seq'::regclass)
FROM pg_catalog.generate_series(1, $1::integer)
