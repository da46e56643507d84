-- Accepted versions. $1 feed; arrays: $2 record ids, $3 event times, $4 commitments, $5 sealed contents.
INSERT INTO golden_record.record_version (record_id, feed, event_time, content_hash, content)
SELECT n.record_id, $1, n.event_time, n.content_hash, n.content
FROM unnest($2::bigint[], $3::timestamptz[], $4::bytea[], $5::bytea[]) WITH ORDINALITY
    AS n (record_id, event_time, content_hash, content, ordinal)
ORDER BY n.ordinal
