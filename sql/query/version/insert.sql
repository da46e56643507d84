-- Accepted versions. $1 feed; arrays: $2 record ids, $3 event times, $4 commitments, $5 sealed contents, $6 attachments.
-- version_id follows the order of the arrays.
INSERT INTO golden_record.record_version (record_id, feed, event_time, content_hash, content, attachment_id)
SELECT n.record_id, $1, n.event_time, n.content_hash, n.content, n.attachment_id
FROM (SELECT unnest($2::bigint[]) AS record_id, unnest($3::timestamptz[]) AS event_time, unnest($4::bytea[]) AS content_hash,
             unnest($5::bytea[]) AS content, unnest($6::bigint[]) AS attachment_id) AS n
