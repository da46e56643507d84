-- The last seal, and how many entries all seals cover.
SELECT s.seal_id, s.sealed_at, (SELECT pg_catalog.sum(pg_catalog.cardinality(a.audit_ids)) FROM golden_record.audit_seal AS a)::bigint,
       s.seal_hash
FROM golden_record.audit_seal AS s
ORDER BY s.seal_id DESC
LIMIT 1
