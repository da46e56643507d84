"""verify() names exactly what somebody damaged behind the extension's back, and rebuild() mends what is derived."""
import collections
import json

import psycopg
import pytest
from stories import assert_sound, copy, digest, generator, golden_ids, ingest, one, record

POLICIES = ["guide", "probabilistic"]
ANN = {"email": "ann@example.com", "firstName": "Ann", "lastName": "Roe"}
DAN = {"email": "dan@example.com", "firstName": "Dan", "lastName": "Poe"}
CAP = {"email": "cap@example.com", "firstName": "Cleo", "lastName": "Thackeray"}
KIM = {"firstName": "Kim", "lastName": "Lee"}
EVE = {"email": "eve@example.com", "firstName": "Eve", "lastName": "Moe"}
# A customer of two records, two whom a steward keeps apart, junk by form, more than a golden record holds, more than a block.
PEOPLE = [record("CRM", "ann1", attributes=ANN),
          record("Web", "ann2", attributes={**ANN, "city": "Bonn"},
                 externalSystemIds=[{"systemName": "Web", "id": "ann2"}, {"systemName": "ERP", "id": "22"}]),
          record("CRM", "dan1", attributes=DAN), record("Web", "dan2", attributes=DAN),
          record("CRM", "noreply", attributes={"email": "noreply@example.com"}),
          *(record("CRM", f"cap{number}", attributes=CAP) for number in range(12)),
          *(record("CRM", f"kim{number}", attributes=KIM) for number in range(60))]


def assert_nothing_left_but_history(db):
    """verify() finds versions alone, of a record that somebody deleted: history, which rebuild leaves."""
    assert {kind for kind, in db.execute("SELECT kind FROM golden_record.verify()")} == {"version"}


@pytest.fixture(scope="module", params=POLICIES)
def policy(request):
    return request.param


@pytest.fixture(scope="module")
def filled(module_database, policy):
    """All of them in a crowd; Eve came after the blocks were packed."""
    db = module_database()
    db.execute("SELECT golden_record.set_policy('CUSTOMER', %s, '{\"cap\": 10}')", (policy,))
    copy(db, generator().stream(people_count=60, count=250, seed=11))
    ingest(db, *PEOPLE)
    db.execute("SELECT golden_record.rebuild()")
    ingest(db, record("CRM", "eve1", attributes=EVE))
    ends = [json.dumps({"systemName": system, "id": source_id}) for system, source_id in (("CRM", "dan1"), ("Web", "dan2"))]
    db.execute("SELECT golden_record.unlink(%s, %s)", ends)
    db.execute("CREATE TEMP VIEW row_of AS SELECT source_id, record_id, golden_id FROM golden_record.source_record")
    assert_sound(db)
    return db


def row(source_id):
    return f"(SELECT record_id FROM row_of WHERE source_id = '{source_id}')"


def golden(source_id):
    return f"(SELECT golden_id FROM row_of WHERE source_id = '{source_id}')"


def flipped(column, byte):
    return f"{column} = set_byte({column}, {byte}, get_byte({column}, {byte}) # 1)"


ANNS = f"golden_id = {golden('ann1')}"
EVES = f"record_id = {row('eve1')}"
WEB = f"golden_record.golden_pii SET %s WHERE {ANNS} AND system_name = 'Web'"
ONE_PAIR = "review_id = (SELECT min(review_id) FROM golden_record.review_pair)"
ONE_KEY = f"(key, record_id) = (SELECT key, record_id FROM golden_record.block_key WHERE {EVES} ORDER BY key LIMIT 1)"
ONE_BLOCK = f"(block, record_id) = (SELECT block, record_id FROM golden_record.block_change WHERE {EVES} ORDER BY block LIMIT 1)"
ONE_SEGMENT = "segment = (SELECT min(segment) FROM golden_record.block_segment)"
ONE_CROWD = "block = (SELECT min(block) FROM golden_record.crowded_block)"

# One row is damaged: whose, how, and how many differences of which kind that is; guide has no blocks.
DAMAGE = {
    "value": ("ann", "UPDATE " + WEB % flipped("attributes", 40), {"value": 1}),
    "value of another": ("ann", "UPDATE " + WEB % f"attributes = (SELECT attributes FROM golden_record.golden_pii WHERE golden_id = {golden('dan2')})", {"value": 1}),
    "value of no form": ("ann", "UPDATE " + WEB % "attributes = 'damaged'", {"value": 1}),
    "value gone": ("ann", f"DELETE FROM golden_record.golden_pii WHERE {ANNS} AND system_name = 'Web'", {"value": 1}),
    "value of another region": ("ann", "UPDATE " + WEB % "region = 'GB'", {"value": 1}),
    "shown value": ("ann", f"UPDATE golden_record.golden_record SET attributes = attributes || '{{\"lastName\": \"damaged\"}}' WHERE {ANNS}", {"value": 1}),
    "lineage": ("ann", f"UPDATE golden_record.golden_record SET {flipped('lineage', 3)} WHERE {ANNS}", {"lineage": 4}),
    "lineage of no form": ("ann", f"UPDATE golden_record.golden_record SET lineage = 'damaged' WHERE {ANNS}", {"lineage": 4}),
    "records": ("ann", f"UPDATE golden_record.golden_record SET records = 7 WHERE {ANNS}", {"members": 1}),
    "systems": ("ann", f"UPDATE golden_record.golden_record SET systems = '{{CRM}}' WHERE {ANNS}", {"members": 1}),
    "retired": ("eve", f"UPDATE golden_record.golden_record SET status = 'retired' WHERE golden_id = {golden('eve1')}", {"golden_id": 1}),
    "founders": ("dan", f"UPDATE golden_record.golden_record SET founders = founders || {row('dan1')} WHERE {ANNS}", {"founder": 1}),
    "founded": ("ann", "UPDATE golden_record.source_record SET founded = NULL WHERE source_id = 'ann1'", {"founder": 1}),
    "membership": ("", f"UPDATE golden_record.source_record SET golden_id = {golden('eve1')} WHERE source_id = 'ann2'", {"membership": 1}),
    "only membership": ("", f"UPDATE golden_record.source_record SET golden_id = {golden('ann1')} WHERE source_id = 'eve1'", {"membership": 1}),
    "component": ("eve", f"UPDATE golden_record.source_record SET component_id = component_id + 1000000 WHERE {EVES}", {"component": 1}),
    "record": ("", f"DELETE FROM golden_record.source_record WHERE {EVES}", {"key": 3, "block": 6, "state": 1, "version": 1, "golden_id": 1}),
    "state": ("eve", f"UPDATE golden_record.source_pii SET {flipped('state', 30)} WHERE {EVES}", {"state": 1}),
    "state gone": ("eve", f"DELETE FROM golden_record.source_pii WHERE {EVES}", {"state": 1}),
    "state of another system": ("eve", f"UPDATE golden_record.source_pii SET system_name = 'Web' WHERE {EVES}", {"state": 1}),
    "version": ("eve", f"UPDATE golden_record.record_version SET {flipped('content', 30)} WHERE {EVES}", {"version": 1}),
    "version of another hash": ("eve", f"UPDATE golden_record.record_version SET {flipped('content_hash', 1)} WHERE {EVES}", {"version": 1}),
    "version of another time": ("eve", f"UPDATE golden_record.record_version SET event_time = '1999-01-01' WHERE {EVES}", {"version": 1}),
    "version gone": ("eve", f"DELETE FROM golden_record.record_version WHERE {EVES}", {"version": 1}),
    "cross-reference": ("ann", f"UPDATE golden_record.cross_reference SET source_id = '23' WHERE record_id = {row('ann2')}", {"cross_reference": 1}),
    "cross-reference gone": ("ann", f"DELETE FROM golden_record.cross_reference WHERE record_id = {row('ann2')}", {"cross_reference": 1}),
    "key": ("eve", f"UPDATE golden_record.block_key SET key = key + 4 WHERE {ONE_KEY}", {"key": 1}),
    "key gone": ("eve", f"DELETE FROM golden_record.block_key WHERE {ONE_KEY}", {"key": 1}),
    "name of a key": ("eve", f"UPDATE golden_record.block_key SET name_key = 1 WHERE {ONE_KEY}", {"key": 1}),
    "generic": ("", "UPDATE golden_record.generic_key SET threshold = 12, reason = 'names'", {"generic": 1}),
    "generic gone": ("", "DELETE FROM golden_record.generic_key", {"generic": 1}),
    "generic of another type": ("", "UPDATE golden_record.generic_key SET entity_type = 'X'", {"generic": 1}),
    "generic too many": ("", "INSERT INTO golden_record.generic_key (key, entity_type, attribute, value, reason) VALUES (4, 'CUSTOMER', 'email', '***', 'form')", {"generic": 1}),
    "doubt's score": ("", f"UPDATE golden_record.review_pair SET score = score - 1 WHERE {ONE_PAIR}", {"review": 1}),
    "doubt's reason": ("", f"UPDATE golden_record.review_pair SET reason = 'damaged' WHERE {ONE_PAIR}", {"review": 1}),
    "doubt's evidence": ("", f"UPDATE golden_record.review_pair SET evidence = '[]' WHERE {ONE_PAIR}", {"review": 1}),
    "doubt of another type": ("", f"UPDATE golden_record.review_pair SET entity_type = 'X' WHERE {ONE_PAIR}", {"review": 1}),
    "doubt gone": ("", f"DELETE FROM golden_record.review_pair WHERE {ONE_PAIR}", {"review": 1}),
    "doubt too many": ("ann", "INSERT INTO golden_record.review_pair (entity_type, record_a, record_b, score, reason, evidence) "
                       f"VALUES ('CUSTOMER', {row('ann1')}, {row('eve1')}, 90, 'score', '[]')", {"review": 1}),
    "limit": ("cap", "UPDATE golden_record.limit_reached SET figure = figure + 1", {"limit": 1}),
    "limit gone": ("cap", "DELETE FROM golden_record.limit_reached", {"limit": 1}),
    "limit too many": ("eve", f"INSERT INTO golden_record.limit_reached VALUES ('CUSTOMER', {row('eve1')}, 'cap', 12, 10)", {"limit": 1}),
    # What a steward decided is no longer known, so that the two should be one again.
    "side of a decision": ("dan", f"DELETE FROM golden_record.decision_member WHERE record_id = {row('dan2')}", {"membership": 1, "members": 1, "lineage": 3, "golden_id": 1}),
}
DAMAGE_OF_BLOCKS = {
    "block gone": ("eve", f"DELETE FROM golden_record.block_change WHERE {ONE_BLOCK}", {"block": 1}),
    "block": ("eve", f"UPDATE golden_record.block_change SET block = block + 64 WHERE {ONE_BLOCK}", {"block": 1}),
    "block left": ("eve", f"UPDATE golden_record.block_change SET joined = false WHERE {ONE_BLOCK}", {"block": 1}),
    "block too many": ("ann", f"INSERT INTO golden_record.block_change VALUES (64, {row('ann1')}, true)", {"block": 1}),
    "segment of no form": ("", f"UPDATE golden_record.block_segment SET members = '\\xff' WHERE {ONE_SEGMENT}", {"block": 1}),
    "spread": ("", "DELETE FROM golden_record.block_base", {"block": 1}),
    "crowd's members": ("", f"UPDATE golden_record.crowded_block SET members = 7 WHERE {ONE_CROWD}", {"limit": 1}),
    "crowd's threshold": ("", f"UPDATE golden_record.crowded_block SET threshold = 7 WHERE {ONE_CROWD}", {"limit": 1}),
    "crowd of another type": ("", f"UPDATE golden_record.crowded_block SET entity_type = 'X' WHERE {ONE_CROWD}", {"limit": 1}),
    "crowd gone": ("", f"DELETE FROM golden_record.crowded_block WHERE {ONE_CROWD}", {"limit": 1}),
    "crowd too many": ("", "INSERT INTO golden_record.crowded_block VALUES (64, 'CUSTOMER', 60, 50)", {"limit": 1}),
}
# History is not mended, nor is what a steward decided.
LEFT = {"record": 1, "version": 1, "version of another hash": 1, "version of another time": 1, "version gone": 1}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_found_where_it_was_done_and_mended_by_rebuild(filled, policy, what):
    assert_found_and_mended(filled, policy, what, *DAMAGE[what])


@pytest.mark.parametrize("policy", ["probabilistic"], indirect=True)
@pytest.mark.parametrize("what", DAMAGE_OF_BLOCKS)
def test_so_is_damage_of_blocks(filled, policy, what):
    assert_found_and_mended(filled, policy, what, *DAMAGE_OF_BLOCKS[what])


def assert_found_and_mended(filled, policy, what, whose, damage, expected):
    before, ids = digest(filled), golden_ids(filled)
    names = collections.defaultdict(list)
    for (_, source_id), golden_id in ids.items():
        names[golden_id].append(source_id)
    with filled.transaction(force_rollback=True):
        assert filled.execute(damage).rowcount == 1
        found = filled.execute("SELECT kind, record ->> 'id', golden_id FROM golden_record.verify()").fetchall()
        assert collections.Counter(kind for kind, *_ in found) == {
            kind: count for kind, count in expected.items() if kind != "block" or policy == "probabilistic"}
        for kind, source_id, golden_id in found:
            about = [source_id] if source_id else names[golden_id]
            assert not about or any(name.startswith(whose) for name in about), (kind, about)
        filled.execute("SELECT golden_record.rebuild()")
        left = [kind for kind, in filled.execute("SELECT kind FROM golden_record.verify()")]
        assert left == ["version"] * LEFT.get(what, 0)
        if what not in ("record", "side of a decision"):
            assert (digest(filled), golden_ids(filled)) == (before, ids)


@pytest.mark.parametrize("policy", POLICIES)
def test_keys_of_a_record_that_is_gone_are_named_refused_and_dropped(db, policy):
    db.execute("SELECT golden_record.set_policy('CUSTOMER', %s)", (policy,))
    person = {"email": "ann@example.com", "phoneNumber": "+12025550143", "firstName": "Ann", "lastName": "Roe",
              "dateOfBirth": "1980-02-03"}
    ingest(db, record("CRM", "1", attributes=person))
    ingest(db, record("Web", "2", attributes={"email": "bob@example.com"}))
    assert_sound(db)
    db.execute("""WITH gone AS (DELETE FROM golden_record.source_record WHERE source_id = '1' RETURNING record_id)
                  DELETE FROM golden_record.source_pii USING gone WHERE source_pii.record_id = gone.record_id""")
    kinds = {kind for kind, in db.execute("SELECT kind FROM golden_record.verify() WHERE record IS NULL")}
    assert {"key", "golden_id"} <= kinds and (policy == "guide" or "block" in kinds)
    with pytest.raises(psycopg.Error) as refused:
        ingest(db, record("ERP", "3", attributes=person))
    assert refused.value.sqlstate == "XX001" and "golden_record.rebuild" in refused.value.diag.message_hint
    db.execute("SELECT golden_record.rebuild()")
    assert_nothing_left_but_history(db)
    assert ingest(db, record("ERP", "3", attributes=person)) == ["created"]
    assert_nothing_left_but_history(db)


@pytest.mark.parametrize("damage", [
    "UPDATE golden_record.source_pii SET state = '\\x00' WHERE record_id = (SELECT min(record_id) FROM golden_record.source_pii)",
    "UPDATE golden_record.source_pii SET system_name = 'X' WHERE record_id = (SELECT min(record_id) FROM golden_record.source_pii)",
    "DELETE FROM golden_record.source_pii WHERE record_id = (SELECT min(record_id) FROM golden_record.source_pii)"])
@pytest.mark.parametrize("way", ["copy", "backfill", "backfill and train", "train"])
def test_work_on_all_takes_no_damaged_record_for_a_deleted_one(db, way, damage):
    db.execute("SELECT golden_record.set_policy('CUSTOMER', 'probabilistic')")
    copy(db, generator().stream(people_count=60, count=250, seed=11))
    others = [record("Shop", str(number), attributes={"email": f"{number}@example.org"}) for number in range(1000)]
    db.execute("CREATE TABLE people AS SELECT g AS id, 'p' || g || '@example.com' AS email FROM generate_series(1, 1000) AS g")
    db.execute("ALTER TABLE people ADD PRIMARY KEY (id)")
    db.execute("SELECT golden_record.attach_source('people', 'People', 'id')")
    work = {"copy": lambda: copy(db, others),
            "backfill": lambda: db.execute("SELECT golden_record.backfill('people')"),
            "backfill and train": lambda: db.execute("SELECT golden_record.backfill('people', train => true)"),
            "train": lambda: db.execute("SELECT golden_record.train('CUSTOMER')")}[way]
    before, ids = digest(db), golden_ids(db)
    assert db.execute(damage).rowcount == 1
    with pytest.raises(psycopg.Error) as refused:
        work()
    assert refused.value.sqlstate == "XX001" and "golden_record.rebuild" in refused.value.diag.message_hint
    db.execute("SELECT golden_record.rebuild()")
    assert (digest(db), golden_ids(db)) == (before, ids)
    work()
    assert_sound(db)


@pytest.mark.parametrize("damage", ["DELETE FROM golden_record.block_base", "UPDATE golden_record.block_segment SET members = '\\xff'"])
def test_candidates_that_cannot_be_found_are_never_passed_over(db, damage):
    db.execute("SELECT golden_record.set_policy('CUSTOMER', 'probabilistic')")
    ingest(db, *PEOPLE)
    db.execute("SELECT golden_record.rebuild()")
    golden_id = golden_ids(db)["CRM", "ann1"]
    db.execute(damage)
    # A session that looked there before, and one that comes new.
    with psycopg.connect(dbname=db.info.dbname, autocommit=True) as other:
        for session in (db, other):
            for work in (lambda: ingest(session, record("Shop", "ann3", attributes=ANN)),
                         lambda: session.execute("SELECT golden_record.erase_subject(%s, 'request 1')", (golden_id,))):
                with pytest.raises(psycopg.Error) as refused:
                    work()
                assert refused.value.sqlstate == "XX001" and "golden_record.rebuild" in refused.value.diag.message_hint
    db.execute("SELECT golden_record.rebuild()")
    ingest(db, record("Shop", "ann3", attributes=ANN))
    assert golden_ids(db)["Shop", "ann3"] == golden_id
    assert_sound(db)
