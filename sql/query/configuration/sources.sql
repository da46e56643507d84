SELECT s.system_name, s.options::text FROM golden_record.source AS s
