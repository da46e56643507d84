-- Tables that were dropped, or lost their triggers, are followed no more.
UPDATE golden_record.attachment AS a
SET attached = false
WHERE a.attached AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE t.tgname = 'golden_record_insert' AND NOT t.tgisinternal
      AND pg_catalog.split_part(pg_catalog.encode(t.tgargs, 'escape'), E'\\', 1) = a.attachment_id::text)
