SELECT a.attachment_id, a.relation, a.system_name, a.id_column, a.columns::text, a.entity_type, a.timestamp_column, a.options::text
FROM golden_record.attachment AS a
