-- By what refused records are found again. Arrays: $1 keys, $2 letters, $3 kinds.
INSERT INTO golden_record.rejected_key (key, rejected_id, kind)
SELECT n.key, n.rejected_id, n.kind::"char" FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS n (key, rejected_id, kind)
ON CONFLICT DO NOTHING
