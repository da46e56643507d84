-- The web shop's renamed key: one mapping brings every waiting value home, without sending anything again.
SELECT count(*) AS before FROM golden_record.customer \gset
SELECT golden_record.map_attribute('CUSTOMER', 'email_address', 'email') \g /dev/null
SELECT format('    email_address means email: %s golden records before, %s after', :before, count(*)) FROM golden_record.customer \gset note_
\qecho :note_format
