-- By what refused records are found again. Arrays: $1 keys, $2 letters, $3 kinds.
INSERT INTO golden_record.rejected_key (key, rejected_id, kind)
SELECT n.key, n.rejected_id, n.kind::"char" FROM (SELECT unnest($1::bigint[]) AS key,
                                                         unnest($2::bigint[]) AS rejected_id, unnest($3::text[]) AS kind) AS n
ON CONFLICT DO NOTHING
