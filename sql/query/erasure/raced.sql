-- Where statements about records met others, for the person's own request: not what they met. $1 record ids.
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'kind', met.kind, 'at', met.at, 'fields', met.fields, 'rule', met.rule, 'side', met.side) ORDER BY met.race_id), '[]')::text
FROM golden_record.source_record AS r
CROSS JOIN LATERAL (
    SELECT w.*, w.winner AS side FROM golden_record.race AS w
    WHERE w.winner ->> 'systemName' = r.system_name AND w.winner ->> 'id' = r.source_id AND w.entity_type = r.entity_type
    UNION ALL
    SELECT l.*, l.loser FROM golden_record.race AS l
    WHERE l.loser ->> 'systemName' = r.system_name AND l.loser ->> 'id' = r.source_id AND l.entity_type = r.entity_type) AS met
WHERE r.record_id = ANY ($1::bigint[])
