-- The version of the configuration in force; 0 before the first change.
SELECT coalesce((SELECT c.version FROM golden_record.configuration AS c), 0)
