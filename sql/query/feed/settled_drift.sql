-- Drift that is settled where a key stands for an attribute now, of the systems that send records of the type: the key is new no
-- more, its values and those of other keys of a defined attribute are read in another way, and one of the same attribute that it
-- replaced is not missed. $1 entity type, $2 key, $3 attribute.
SELECT d.feed, d.system_name, d.key, d.change
FROM golden_record.drift AS d
WHERE CASE d.change
          WHEN 'new' THEN d.key = $2
          WHEN 'gone' THEN d.guess = $2 AND (d.key = $3 OR EXISTS (
              SELECT FROM golden_record.attribute_map AS m
              WHERE m.entity_type = $1 AND m.key = d.key AND m.attribute = $3))
          ELSE d.key = $2 OR $2 = $3 AND EXISTS (
              SELECT FROM golden_record.attribute_map AS m
              WHERE m.entity_type = $1 AND m.key = d.key AND m.attribute = $3)
      END
  AND EXISTS (
      SELECT FROM golden_record.source_record AS r
      WHERE r.entity_type = $1 AND r.system_name = d.system_name)
