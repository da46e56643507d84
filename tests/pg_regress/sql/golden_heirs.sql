-- Golden ids whose founders are gone: their heirs speak for them, and who came by a mistake that was put right does not.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- A record of one name, by its mailbox and the order of its versions.
CREATE FUNCTION pg_temp.record(id text, email text, place int, deleted boolean DEFAULT false) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('entityType', 'CUSTOMER', 'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'S', 'id', id)),
        'attributes', jsonb_build_object('email', email || '@example.com'), 'timestamp', '2024-01-01T00:00:00Z', 'sequence', place, 'deleted', deleted) $$;
CREATE FUNCTION pg_temp.send(id text, email text, place int, deleted boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(pg_temp.record(id, email, place, deleted)) $$;
CREATE FUNCTION pg_temp.link(a text, b text) RETURNS bigint LANGUAGE sql AS $$
    SELECT golden_record.link(jsonb_build_object('systemName', 'S', 'id', a), jsonb_build_object('systemName', 'S', 'id', b)) $$;
-- Golden ids are named after the record that they were issued for.
CREATE TEMP VIEW named AS SELECT g.golden_id, string_agg(r.source_id, '+' ORDER BY r.source_id) AS golden, g.seq, g.merged_into
    FROM golden_record.golden_record AS g JOIN golden_record.source_record AS r ON r.record_id = ANY (g.founders) GROUP BY g.golden_id;
CREATE TEMP VIEW now AS SELECT n.golden, m.golden AS leads_to, string_agg(c.source_id, ' ' ORDER BY c.source_id) AS records
    FROM named AS n LEFT JOIN named AS m ON m.golden_id = n.merged_into
    LEFT JOIN golden_record.crosswalk AS c ON c.golden_id = n.golden_id AND c.kind = 'record' GROUP BY n.golden, m.golden, n.seq ORDER BY n.seq;
-- The whole set says the same of ids and of where they lead.
CREATE FUNCTION pg_temp.sound() RETURNS TABLE (differences bigint, rebuilt bigint) LANGUAGE plpgsql AS $$ BEGIN
    SELECT count(*) INTO differences FROM golden_record.verify();
    rebuilt := golden_record.rebuild();
    RETURN NEXT;
END $$;

-- Zoe's record; Ann's first, which is deleted, and her second, which has the id since. A wrong link comes and goes.
SELECT pg_temp.send('zoe', 'zoe', 1), pg_temp.send('ann1', 'ann', 2), pg_temp.send('ann2', 'ann', 3), pg_temp.send('ann1', 'ann', 4, true);
SELECT pg_temp.link('zoe', 'ann2') AS wrong \gset
SELECT * FROM now;
SELECT golden_record.revert_decision(:wrong);
SELECT * FROM now;
-- What is Ann's is not given to Zoe.
SELECT golden_id AS zoe FROM named WHERE golden = 'zoe' \gset
SELECT golden_id AS ann FROM named WHERE golden = 'ann1' \gset
SELECT golden_record.grant_scope('golden_record_pii', ARRAY['S']);
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT record ->> 'id' AS of_zoe FROM jsonb_array_elements(golden_record.export_subject(:'zoe') -> 'records') AS record ORDER BY 1;
SELECT record ->> 'id' AS of_ann FROM jsonb_array_elements(golden_record.export_subject(:'ann') -> 'records') AS record ORDER BY 1;
RESET ROLE;
-- The same by data alone: Ann's record has Zoe's mailbox for a while.
SELECT pg_temp.send('ann2', 'zoe', 5);
SELECT * FROM now;
SELECT pg_temp.send('ann2', 'ann', 6);
SELECT * FROM now;
SELECT * FROM pg_temp.sound();

-- The founder is deleted while its id leads elsewhere.
SELECT pg_temp.send('bea1', 'bea', 1), pg_temp.send('bea2', 'bea', 2);
SELECT pg_temp.link('zoe', 'bea2') AS wrong \gset
SELECT pg_temp.send('bea1', 'bea', 3, true);
SELECT golden_record.revert_decision(:wrong);
SELECT * FROM now WHERE golden ~ 'bea|zoe';
SELECT * FROM pg_temp.sound();

-- Who comes in the statement in which the founder goes was not there with it.
SELECT pg_temp.send('cas1', 'cas', 1), pg_temp.send('cas3', 'cas', 2);
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('records', jsonb_build_array(pg_temp.record('cas1', 'cas', 3, true), pg_temp.record('cas2', 'cas', 4))));
SELECT golden_record.unlink('{"systemName": "S", "id": "cas2"}', '{"systemName": "S", "id": "cas3"}') > 0 AS parted;
SELECT * FROM now WHERE golden ~ 'cas';

-- A founder returns as somebody else in the statement in which those part who stayed.
SELECT pg_temp.send('eve1', 'eve', 1), pg_temp.send('eve2', 'eve', 2), pg_temp.send('eve3', 'eve', 3), pg_temp.send('eve1', 'eve', 4, true);
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('records', jsonb_build_array(pg_temp.record('eve1', 'ivy', 5), pg_temp.record('eve3', 'eva', 6))));
SELECT coalesce(n.golden, 'what eve1 left') AS golden, string_agg(c.source_id, ' ') AS records
FROM golden_record.crosswalk AS c LEFT JOIN named AS n USING (golden_id) WHERE c.source_id ~ 'eve' GROUP BY 1 ORDER BY 2;
SELECT * FROM pg_temp.sound();

-- One to whom a decision brought the id has it no longer when that is taken back, though the founder is gone.
SELECT pg_temp.send('fay1', 'fay', 1), pg_temp.send('gus', 'gus', 2);
SELECT pg_temp.link('fay1', 'gus') AS wrong \gset
SELECT pg_temp.send('fay1', 'fay', 3, true);
SELECT * FROM now WHERE golden ~ 'fay|gus';
SELECT golden_record.revert_decision(:wrong);
SELECT * FROM now WHERE golden ~ 'fay|gus';
-- Nor have those who came to that one meanwhile.
SELECT pg_temp.send('ike1', 'ike', 1), pg_temp.send('joe1', 'joe', 2);
SELECT pg_temp.link('ike1', 'joe1') AS wrong \gset
SELECT pg_temp.send('joe2', 'joe', 3), pg_temp.send('ike1', 'ike', 4, true);
SELECT * FROM now WHERE golden ~ 'ike|joe';
SELECT golden_record.revert_decision(:wrong);
SELECT * FROM now WHERE golden ~ 'ike|joe';
-- A decision about others does not touch it.
SELECT pg_temp.send('hal1', 'hal', 1), pg_temp.send('hal2', 'hal', 2), pg_temp.send('hal1', 'hal', 3, true);
SELECT pg_temp.link('hal2', 'gus') AS wrong \gset
SELECT golden_record.revert_decision(:wrong);
SELECT * FROM now WHERE golden ~ 'hal|gus';

-- Redirects one after the other: the first for which somebody speaks is followed, and a rebuild leaves them as they are.
SELECT pg_temp.send('ida', 'ida', 1), pg_temp.send('jon', 'jon', 1), pg_temp.send('kim', 'kim', 1);
SELECT pg_temp.link('jon', 'kim') > 0 AS first;
SELECT pg_temp.send('kim', 'kim', 2, true);
SELECT pg_temp.link('ida', 'jon') AS wrong \gset
SELECT * FROM now WHERE golden ~ 'ida|jon|kim';
SELECT * FROM pg_temp.sound();
SELECT golden_record.revert_decision(:wrong);
SELECT * FROM now WHERE golden ~ 'ida|jon|kim';
SELECT * FROM pg_temp.sound();
-- What comes behind a redirect that grows longer stays behind it.
SELECT pg_temp.send('lea', 'lea', 1), pg_temp.send('mia', 'mia', 1), pg_temp.send('nia', 'nia', 1), pg_temp.send('nio', 'nia', 2);
SELECT pg_temp.link('mia', 'nia') > 0 AS linked;
SELECT pg_temp.send('nio', 'nio', 3), pg_temp.send('nia', 'nia', 4, true), pg_temp.send('nio', 'mia', 5);
SELECT pg_temp.link('lea', 'mia') AS wrong \gset
SELECT * FROM now WHERE golden ~ 'lea|mia|ni';
SELECT golden_record.revert_decision(:wrong);
SELECT * FROM now WHERE golden ~ 'lea|mia|ni';
SELECT * FROM pg_temp.sound();

-- Who lives is found behind an id that is nobody's once a decision is taken back.
SELECT pg_temp.send('ola', 'ola', 1), pg_temp.send('pia', 'pia', 1), pg_temp.send('quy', 'quy', 1);
SELECT pg_temp.link('quy', 'pia') AS wrong \gset
SELECT pg_temp.send('quy', 'quy', 2, true), pg_temp.send('ola', 'pia', 2), pg_temp.send('quy', 'quy', 3), pg_temp.send('ola', 'ola', 3, true), pg_temp.send('pia', 'pia', 2, true);
SELECT * FROM now WHERE golden ~ 'ola|pia|quy';
SELECT golden_record.revert_decision(:wrong);
SELECT * FROM now WHERE golden ~ 'ola|pia|quy';
SELECT * FROM pg_temp.sound();
DROP EXTENSION golden_record CASCADE;
