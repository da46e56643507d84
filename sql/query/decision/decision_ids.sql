-- Fresh decision ids. $1 how many.
SELECT pg_catalog.nextval('golden_record.decision_decision_id_seq'::regclass)
FROM pg_catalog.generate_series(1, $1::integer)
