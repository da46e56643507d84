"""verify() names exactly what somebody damaged behind the extension's back."""
import psycopg
import pytest
from stories import assert_sound, generator, copy, ingest, one, record


def assert_nothing_left_but_history(db):
    """verify() finds versions alone, of a record that somebody deleted: history, which rebuild leaves."""
    assert {kind for kind, in db.execute("SELECT kind FROM golden_record.verify()")} == {"version"}


@pytest.fixture
def filled(db):
    copy(db, generator().stream(people_count=60, count=250, seed=11))
    assert_sound(db)
    return db


# What is damaged: a query for the golden id concerned, and the damage done to it.
ANY = "SELECT golden_id FROM golden_record.golden_record WHERE status = 'live' AND records > 1 ORDER BY seq LIMIT 1"
VALUE = """
    UPDATE golden_record.golden_pii
    SET attributes = %s
    WHERE golden_id = %%(id)s AND (system_name, region) = (
        SELECT system_name, region FROM golden_record.golden_pii WHERE golden_id = %%(id)s ORDER BY 1, 2 LIMIT 1)"""
DAMAGE = {
    "golden_value": VALUE % "set_byte(attributes, 40, get_byte(attributes, 40) # 1)",
    "golden_value_of_another": VALUE % "(SELECT attributes FROM golden_record.golden_pii WHERE golden_id <> %(id)s LIMIT 1)",
    "golden_value_of_no_form": VALUE % "'damaged'",
    "shown_value": "UPDATE golden_record.golden_record SET attributes = attributes || '{\"lastName\": \"damaged\"}' "
                   "WHERE golden_id = %(id)s",
    "lineage": "UPDATE golden_record.golden_record SET lineage = set_byte(lineage, 3, get_byte(lineage, 3) # 1) "
               "WHERE golden_id = %(id)s",
    "lineage_of_no_form": "UPDATE golden_record.golden_record SET lineage = 'damaged' WHERE golden_id = %(id)s",
    "membership": "UPDATE golden_record.source_record SET golden_id = (SELECT golden_id FROM golden_record.golden_record "
                  "WHERE status = 'live' AND golden_id <> %(id)s ORDER BY seq LIMIT 1) WHERE record_id = "
                  "(SELECT max(record_id) FROM golden_record.source_record WHERE golden_id = %(id)s)",
    "component": "UPDATE golden_record.source_record SET component_id = component_id + 1000000 WHERE record_id = "
                 "(SELECT max(record_id) FROM golden_record.source_record WHERE golden_id = %(id)s)",
    "key": "DELETE FROM golden_record.block_key WHERE (key, record_id) = (SELECT key, record_id FROM golden_record.block_key "
           "JOIN golden_record.source_record USING (record_id) WHERE golden_id = %(id)s ORDER BY 1, 2 LIMIT 1)",
}


# The same of a golden record with one source record: what is left of it has no record.
ALONE = "SELECT golden_id FROM golden_record.golden_record WHERE status = 'live' AND records = 1 ORDER BY seq LIMIT 1"
DAMAGE_ALONE = {
    "last_member_moved": "UPDATE golden_record.source_record SET golden_id = (SELECT golden_id FROM golden_record.golden_record "
                         "WHERE status = 'live' AND golden_id <> %(id)s ORDER BY seq LIMIT 1) WHERE golden_id = %(id)s",
    "last_member_gone": "DELETE FROM golden_record.source_record WHERE golden_id = %(id)s",
}


@pytest.mark.parametrize("what", DAMAGE_ALONE)
def test_a_golden_record_that_lost_its_only_member_is_mended(filled, what):
    golden_id = one(filled, ALONE)
    system, source_id = filled.execute(
        "SELECT system_name, source_id FROM golden_record.source_record WHERE golden_id = %s", (golden_id,)).fetchone()
    assert filled.execute(DAMAGE_ALONE[what], {"id": golden_id}).rowcount == 1
    assert filled.execute("SELECT FROM golden_record.verify() WHERE golden_id = %s", (golden_id,)).fetchall()
    filled.execute("SELECT golden_record.rebuild()")
    (assert_sound if what == "last_member_moved" else assert_nothing_left_but_history)(filled)
    now = filled.execute("SELECT golden_id FROM golden_record.crosswalk WHERE (system_name, source_id) = (%s, %s)",
                         (system, source_id)).fetchall()
    assert now == ([(golden_id,)] if what == "last_member_moved" else [])


@pytest.mark.parametrize("policy", ["guide", "probabilistic"])
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


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_found_where_it_was_done_and_mended_by_rebuild(filled, what):
    golden_id = one(filled, ANY)
    members = {(system, source_id) for system, source_id in filled.execute(
        "SELECT system_name, source_id FROM golden_record.source_record WHERE golden_id = %s", (golden_id,))}
    assert filled.execute(DAMAGE[what], {"id": golden_id}).rowcount == 1
    found = filled.execute("SELECT kind, golden_id, record ->> 'systemName', record ->> 'id' FROM golden_record.verify()").fetchall()
    assert found, what
    if what != "membership":     # the golden record that the member was put into differs too
        for kind, where, system, source_id in found:
            assert where == golden_id or (system, source_id) in members, (what, kind, where, system)
    filled.execute("SELECT golden_record.rebuild()")
    assert_sound(filled)
