-- Where statements about records met others, for the person's own request: not what they met. $1 record ids.
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'kind', w.kind, 'at', w.at, 'fields', w.fields, 'rule', w.rule, 'side', met.side) ORDER BY w.race_id), '[]')::text
FROM (
    SELECT x.race_id, x.winner AS side
    FROM golden_record.source_record AS r
    JOIN golden_record.race AS x
      ON x.winner ->> 'systemName' = r.system_name AND x.winner ->> 'id' = r.source_id AND x.entity_type = r.entity_type
    WHERE r.record_id = ANY ($1::bigint[])
    UNION ALL
    SELECT x.race_id, x.loser
    FROM golden_record.source_record AS r
    JOIN golden_record.race AS x
      ON x.loser ->> 'systemName' = r.system_name AND x.loser ->> 'id' = r.source_id AND x.entity_type = r.entity_type
    WHERE r.record_id = ANY ($1::bigint[])) AS met
JOIN golden_record.race AS w ON w.race_id = met.race_id
