-- An audit entry with its own hash; gives its id. $1 generation, $2 action, $3 entity type, $4 golden id, $5 note, $6 detail.
INSERT INTO golden_record.audit_entry
    (audit_id, generation, transaction_id, at, actor, action, entity_type, golden_id, note, detail, salt, commitment, entry_hash)
OVERRIDING SYSTEM VALUE
SELECT c.*, golden_record.audit_hash(c.audit_id, c.generation, c.transaction_id, c.at, c.actor, c.action, c.entity_type,
                                     c.golden_id, c.commitment)
FROM (
    SELECT e.*, golden_record.audit_commitment(e.salt, e.note, e.detail) AS commitment
    FROM (
        SELECT pg_catalog.nextval('golden_record.audit_entry_audit_id_seq'::regclass) AS audit_id, $1::integer AS generation,
               pg_catalog.pg_current_xact_id() AS transaction_id, pg_catalog.clock_timestamp() AS at,
               SESSION_USER::text AS actor, $2::text AS action, $3::text AS entity_type, $4::uuid AS golden_id,
               $5::text AS note, $6::jsonb AS detail, pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) AS salt
        OFFSET 0) AS e
    OFFSET 0) AS c
RETURNING audit_id
