-- What came of the records, as tables a person can read. Values are masked, as every reader sees them at first.
\pset null ''
\pset border 1
\pset footer off
SET search_path = golden_record, public;

\echo
\echo '── What came in ─────────────────────────────────────────────────────────────'
SELECT (SELECT count(*) FROM crosswalk WHERE kind = 'record') AS source_records,
       (SELECT count(*) FROM customer) AS golden_records,
       (SELECT count(*) FROM review_queue) AS to_review,
       (SELECT count(*) FROM rejected) AS refused,
       (SELECT count(*) FROM verify()) AS damaged;

\echo '── Golden records: the fifteen that most systems know (view customer) ───────'
SELECT left(golden_id::text, 8) AS golden_id, email, phone_number, first_name, last_name,
       to_char(last_purchase_date::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS last_purchase, records,
       array_to_string(systems, ', ') AS systems
FROM customer ORDER BY cardinality(systems) DESC, records DESC, golden_id LIMIT 15;

\echo '── Crosswalk: every id of the golden record with the most ids (view crosswalk)'
SELECT left(golden_id::text, 8) AS golden_id, system_name, source_id, kind
FROM crosswalk
WHERE golden_id = (SELECT golden_id FROM crosswalk GROUP BY golden_id ORDER BY count(*) DESC, golden_id LIMIT 1)
ORDER BY kind DESC, system_name, source_id;

\echo '── Lineage: where each of its values comes from, and by which rule (view lineage)'
SELECT attribute, value, system_name, source_id, event_time AT TIME ZONE 'UTC' AS event_time_utc, action,
       jsonb_array_length(losers) AS losers
FROM lineage
WHERE golden_id = (SELECT golden_id FROM crosswalk GROUP BY golden_id ORDER BY count(*) DESC, golden_id LIMIT 1)
ORDER BY attribute;

\echo '── Review queue: pairs that a steward decides (view review_queue) ───────────'
SELECT reason, count(*) AS pairs, min(score) AS lowest_score, max(score) AS highest_score
FROM review_queue GROUP BY reason ORDER BY pairs DESC, reason;
SELECT review_id, reason, round(score::numeric, 2) AS score,
       record_a ->> 'systemName' AS system_a, record_a ->> 'id' AS id_a,
       record_b ->> 'systemName' AS system_b, record_b ->> 'id' AS id_b
FROM review_queue ORDER BY score DESC, review_id LIMIT 12;

\echo '── Refused records, kept with their reason (view rejected) ──────────────────'
SELECT feed, ordinal, field, reason FROM rejected ORDER BY rejected_id LIMIT 20;

\echo '── Schema drift: keys that appeared or went away (view schema_drift) ────────'
SELECT feed, system_name, key, change, records, guess FROM schema_drift ORDER BY feed, system_name, key, change;
