-- What stewards decided about records, with their notes, for the person's own request: not beside whom. $1 record ids.
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'decisionId', d.decision_id, 'decision', d.decision, 'records', own.records, 'note', d.note,
           'decidedAt', d.decided_at, 'revertNote', d.revert_note, 'revertedAt', d.reverted_at) ORDER BY d.decision_id), '[]')::text
FROM (
    SELECT m.decision_id, pg_catalog.json_agg(
        pg_catalog.json_build_object('systemName', r.system_name, 'id', r.source_id) ORDER BY r.record_id) AS records
    FROM golden_record.decision_member AS m
    JOIN golden_record.source_record AS r ON r.record_id = m.record_id
    WHERE m.record_id = ANY ($1::bigint[])
    GROUP BY m.decision_id) AS own
JOIN golden_record.decision AS d ON d.decision_id = own.decision_id
