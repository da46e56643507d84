-- Drift that is settled where a key stands for an attribute now, of the systems that send records of the type: the key is new no
-- more, and one of the same attribute that it replaced is not missed; what another transaction is about is left to it. $1 entity
-- type, $2 key, $3 attribute.
WITH settled AS (
    SELECT d.ctid AS place
    FROM golden_record.drift AS d
    WHERE (d.change = 'new' AND d.key = $2
           OR d.change = 'gone' AND d.guess = $2
              AND (d.key = $3 OR EXISTS (
                  SELECT FROM golden_record.attribute_map AS m
                  WHERE m.entity_type = $1 AND m.key = d.key AND m.attribute = $3)))
      AND EXISTS (
          SELECT FROM golden_record.source_record AS r
          WHERE r.entity_type = $1 AND r.system_name = d.system_name)
    FOR UPDATE OF d SKIP LOCKED)
DELETE FROM golden_record.drift AS d USING settled WHERE d.ctid = settled.place
