-- Those of some dead letters that are there still, kept from others who would try them again or erase them. $1 ids.
SELECT r.rejected_id FROM golden_record.rejected_record AS r
WHERE r.rejected_id = ANY ($1::bigint[])
ORDER BY r.rejected_id
FOR UPDATE
