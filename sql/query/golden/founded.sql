-- Golden ids that records founded or inherited. $1 record ids.
SELECT unnest(r.founded) FROM golden_record.source_record AS r WHERE r.record_id = ANY ($1::bigint[])
