-- A digest of which refused records there are.
SELECT pg_catalog.md5(pg_catalog.string_agg(r.rejected_id::text, ',' ORDER BY r.rejected_id))
FROM golden_record.rejected_record AS r
