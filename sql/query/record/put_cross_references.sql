-- Replaces the cross-references of records. $1 record ids; arrays: $2 record ids, $3 systems, $4 ids.
WITH gone AS (
    DELETE FROM golden_record.cross_reference AS x
    WHERE x.record_id = ANY ($1::bigint[])
      AND (x.record_id, x.system_name, x.source_id) NOT IN (
        SELECT n.record_id, n.system_name, n.source_id
        FROM unnest($2::bigint[], $3::text[], $4::text[]) AS n (record_id, system_name, source_id)))
INSERT INTO golden_record.cross_reference (record_id, system_name, source_id)
SELECT n.record_id, n.system_name, n.source_id
FROM unnest($2::bigint[], $3::text[], $4::text[]) AS n (record_id, system_name, source_id)
ON CONFLICT DO NOTHING
