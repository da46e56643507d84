SELECT m.entity_type, m.key, m.attribute FROM golden_record.attribute_map AS m
