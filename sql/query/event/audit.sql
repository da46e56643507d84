-- An audit entry with its own hash, as the view audit_check computes it; gives its id. $1 generation, $2 action, $3 entity
-- type, $4 golden id, $5 note, $6 detail.
INSERT INTO golden_record.audit_entry
    (audit_id, generation, transaction_id, at, actor, action, entity_type, golden_id, note, detail, salt, commitment, entry_hash)
OVERRIDING SYSTEM VALUE
SELECT c.*, pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_build_array(
           c.audit_id, c.generation, c.transaction_id::text, (EXTRACT(epoch FROM c.at) * 1000000)::bigint, c.actor, c.action,
           c.entity_type, c.golden_id, pg_catalog.encode(c.commitment, 'hex'))::text, 'UTF8'))
FROM (
    SELECT e.*,
           pg_catalog.sha256(e.salt || pg_catalog.convert_to(pg_catalog.jsonb_build_array(e.note, e.detail)::text, 'UTF8'))
               AS commitment
    FROM (
        SELECT pg_catalog.nextval('golden_record.audit_entry_audit_id_seq'::regclass) AS audit_id, $1::integer AS generation,
               pg_catalog.pg_current_xact_id() AS transaction_id, pg_catalog.clock_timestamp() AS at,
               SESSION_USER::text AS actor, $2::text AS action, $3::text AS entity_type, $4::uuid AS golden_id,
               $5::text AS note, $6::jsonb AS detail, pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) AS salt
        OFFSET 0) AS e
    OFFSET 0) AS c
RETURNING audit_id
