-- A digest of which records of some names there are, those that live no longer among them. $1 entity type, $2 systems, $3 ids.
SELECT pg_catalog.md5(pg_catalog.string_agg(r.record_id::text, ' ' ORDER BY r.record_id))
FROM (SELECT unnest($2::text[]) AS system_name, unnest($3::text[]) AS source_id) AS n
CROSS JOIN LATERAL (
    SELECT s.record_id FROM golden_record.source_record AS s
    WHERE s.entity_type = $1 AND s.system_name = n.system_name AND s.source_id = n.source_id
    OFFSET 0) AS r
