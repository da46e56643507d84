-- A digest of which of some values and blocks are generic. $1 keys and blocks.
SELECT pg_catalog.md5(pg_catalog.concat(
    (SELECT pg_catalog.string_agg(g.key::text, ' ' ORDER BY g.key) FROM golden_record.generic_key AS g WHERE g.key = ANY ($1::bigint[])), ',',
    (SELECT pg_catalog.string_agg(b.block::text, ' ' ORDER BY b.block) FROM golden_record.crowded_block AS b WHERE b.block = ANY ($1::bigint[]))))
