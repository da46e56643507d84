-- Fresh ids of dead letters. $1 how many.
SELECT pg_catalog.nextval('golden_record.rejected_record_rejected_id_seq'::regclass)
FROM pg_catalog.generate_series(1, $1::integer)
