-- The attachment that a table's triggers name: their only argument, stored with a NUL behind it, `\000` escaped. $1 table.
SELECT pg_catalog.split_part(pg_catalog.encode(t.tgargs, 'escape'), E'\\', 1)::bigint
FROM pg_catalog.pg_trigger AS t
WHERE t.tgrelid = $1 AND t.tgname = 'golden_record_insert' AND NOT t.tgisinternal
