-- New source records, resolved. $1 entity type; arrays: $2 record ids, $3 systems, $4 source ids, $5 attachments,
-- $6 golden ids, $7 components (NULL: not live), $8 whether the golden id was issued for them; $9 now.
INSERT INTO golden_record.source_record
    (record_id, entity_type, system_name, source_id, attachment_id, live, golden_id, component_id, founded, since)
OVERRIDING SYSTEM VALUE
SELECT n.record_id, $1, n.system_name, n.source_id, n.attachment_id, n.golden_id IS NOT NULL, n.golden_id, n.component_id,
       CASE WHEN n.founds THEN ARRAY[n.golden_id] END, $9
FROM (SELECT unnest($2::bigint[]) AS record_id, unnest($3::text[]) AS system_name, unnest($4::text[]) AS source_id,
             unnest($5::bigint[]) AS attachment_id, unnest($6::uuid[]) AS golden_id, unnest($7::bigint[]) AS component_id,
             unnest($8::boolean[]) AS founds) AS n
