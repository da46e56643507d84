-- The systems that are known: registered, of attached tables of one, or of source records of an entity type, whose index is asked once
-- a system. $1 entity type.
WITH RECURSIVE held AS (
    SELECT (SELECT r.system_name FROM golden_record.source_record AS r WHERE r.entity_type = $1 ORDER BY r.system_name LIMIT 1)
    UNION ALL
    SELECT (SELECT r.system_name FROM golden_record.source_record AS r
            WHERE r.entity_type = $1 AND r.system_name > held.system_name ORDER BY r.system_name LIMIT 1)
    FROM held WHERE held.system_name IS NOT NULL)
SELECT held.system_name FROM held WHERE held.system_name IS NOT NULL
UNION
SELECT s.system_name FROM golden_record.source AS s
UNION
SELECT a.system_name FROM golden_record.attachment AS a WHERE a.attached AND a.system_name IS NOT NULL
