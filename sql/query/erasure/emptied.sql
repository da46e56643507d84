-- Tables without a row of which the planner has statistics.
SELECT e.name
FROM (
    SELECT 'source_record' AS name WHERE NOT EXISTS (SELECT FROM golden_record.source_record)
    UNION ALL
    SELECT 'cross_reference' AS name WHERE NOT EXISTS (SELECT FROM golden_record.cross_reference)
    UNION ALL
    SELECT 'cross_reference_history' AS name WHERE NOT EXISTS (SELECT FROM golden_record.cross_reference_history)
    UNION ALL
    SELECT 'golden_record' AS name WHERE NOT EXISTS (SELECT FROM golden_record.golden_record)
    UNION ALL
    SELECT 'golden_history' AS name WHERE NOT EXISTS (SELECT FROM golden_record.golden_history)
    UNION ALL
    SELECT 'value_override' AS name WHERE NOT EXISTS (SELECT FROM golden_record.value_override)
    UNION ALL
    SELECT 'decision' AS name WHERE NOT EXISTS (SELECT FROM golden_record.decision)
    UNION ALL
    SELECT 'race' AS name WHERE NOT EXISTS (SELECT FROM golden_record.race)
    UNION ALL
    SELECT 'rejected_record' AS name WHERE NOT EXISTS (SELECT FROM golden_record.rejected_record)
    UNION ALL
    SELECT 'audit_entry' AS name WHERE NOT EXISTS (SELECT FROM golden_record.audit_entry)
) AS e
WHERE EXISTS (SELECT FROM pg_catalog.pg_stats AS s WHERE s.schemaname = 'golden_record' AND s.tablename = e.name)
