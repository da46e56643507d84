-- The extension, and the guide's merge rules. Rules are no part of ingestion: they may change at any time.
CREATE EXTENSION golden_record;
\set rules `cat samples/merge_rules.json`
SELECT golden_record.set_merge_rules('CUSTOMER', :'rules') \g /dev/null
