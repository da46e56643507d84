-- What every source record of any entity type says, sealed, as it lies on disk.
SELECT p.record_id, p.region, p.state, p.system_name
FROM golden_record.source_pii AS p
