-- Every dead letter, sealed.
SELECT p.rejected_id, p.system_name, p.payload FROM golden_record.rejected_payload AS p
