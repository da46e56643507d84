-- Whether stewards decided or set anything about records, and whether a limit was reached in components. $1 record ids,
-- $2 component ids.
SELECT EXISTS (SELECT FROM golden_record.decision_member AS m WHERE m.record_id = ANY ($1::bigint[])),
       EXISTS (SELECT FROM golden_record.value_override AS o WHERE o.record_id = ANY ($1::bigint[]) AND o.ended_at IS NULL),
       EXISTS (SELECT FROM golden_record.limit_reached AS l WHERE l.component_id = ANY ($2::bigint[]))
