-- The records that new golden ids were issued for. Arrays: $1 golden ids, $2 record ids.
INSERT INTO golden_record.founding_member (golden_id, record_id)
SELECT n.golden_id, n.record_id FROM (SELECT unnest($1::uuid[]) AS golden_id, unnest($2::bigint[]) AS record_id) AS n
