-- A digest of what was decided and taken back.
SELECT pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.count(d.reverted_at), pg_catalog.max(d.decision_id))
FROM golden_record.decision AS d
