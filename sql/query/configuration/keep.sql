-- Brings the history of the configuration up to date. $1 now.
WITH present AS MATERIALIZED (
    SELECT 'entity_type' AS object, pg_catalog.jsonb_build_array(e.entity_type) AS name,
           pg_catalog.jsonb_strip_nulls(pg_catalog.to_jsonb(e) - 'entity_type') AS content
    FROM golden_record.entity_type AS e
    UNION ALL
    SELECT 'attribute_map', pg_catalog.jsonb_build_array(m.entity_type, m.key), pg_catalog.jsonb_build_object('attribute', m.attribute)
    FROM golden_record.attribute_map AS m
    UNION ALL
    SELECT 'source', pg_catalog.jsonb_build_array(s.system_name), s.options
    FROM golden_record.source AS s
    UNION ALL
    SELECT 'attachment', pg_catalog.jsonb_build_array(a.attachment_id),
           pg_catalog.jsonb_strip_nulls(pg_catalog.to_jsonb(a) - 'attachment_id')
    FROM golden_record.attachment AS a),
ended AS (
    UPDATE golden_record.configuration_history AS h
    SET valid_to = golden_record.ended(h.valid_from, $1)
    WHERE h.valid_to IS NULL AND NOT EXISTS (
        SELECT FROM present AS p WHERE p.object = h.object AND p.name = h.name AND p.content = h.content)
    RETURNING h.object, h.name, h.valid_to)
INSERT INTO golden_record.configuration_history (object, name, content, valid_from)
SELECT p.object, p.name, p.content, coalesce(ended.valid_to, $1)
FROM present AS p
LEFT JOIN ended ON ended.object = p.object AND ended.name = p.name
WHERE NOT EXISTS (
    SELECT FROM golden_record.configuration_history AS h
    WHERE h.valid_to IS NULL AND h.object = p.object AND h.name = p.name AND h.content = p.content)
