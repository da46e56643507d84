"""What a statement costs grows with what it brings. Plans are made while tables are nearly empty and kept: one that compares
each row of a statement with each row of a table shows when both have grown."""
import json

import psycopg
import pytest
from stories import explain_all, one

ROWS = 300
PAIRS = """INSERT INTO stage.pair
SELECT n, '+1' || (2012000000 + n / 2 * 97), 'Mara', CASE n %% 2 WHEN 0 THEN 'Lindqvist' ELSE 'Lindqwist' END
           || chr(97 + n / 2 %% 26) || chr(97 + n / 52 %% 26), '2024-01-01Z'
FROM generate_series(%(first)s, %(last)s) AS n"""
BATCH = """SELECT count(*) FROM golden_record.ingest((
    SELECT jsonb_build_object('records', jsonb_agg(jsonb_build_object('entityType', 'CUSTOMER', 'timestamp', %(at)s::text,
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'W', 'id', n::text)),
        'attributes', jsonb_build_object('email', 'w' || n || '@w.example'))))
    FROM generate_series(%(first)s, %(last)s) AS n), %(feed)s)"""
STORY = [
    "INSERT INTO stage.person SELECT n, 'p' || n || '@p.example', 'bad' FROM generate_series(%(first)s, %(last)s) AS n",
    "UPDATE stage.person SET at = 'worse'",
    "SELECT golden_record.backfill('stage.person')",
    "UPDATE stage.person SET at = '2024-01-01Z' WHERE id %% 2 = 0",
    BATCH,
    BATCH.replace("%(at)s", "'2024-01-01Z'").replace("%(feed)s", "'another'"),
    "SELECT golden_record.retry_rejected('{}')",
    BATCH.replace("%(at)s", "'2024-01-02Z'"),
    PAIRS,
    "SELECT golden_record.decide_all('{\"min_score\": 98.6}', 'same', 'bulk')",
    "SELECT golden_record.decide_all('{}', 'different', 'bulk')",
    "UPDATE stage.pair SET first_name = 'Mark'",
    "SELECT count(golden_record.override(golden_id, 'firstName', 'Zoe')) FROM (SELECT golden_id FROM golden_record.customer LIMIT 5) AS c",
    "SELECT count(golden_record.erase_subject(golden_id, 'asked')) FROM (SELECT golden_id FROM golden_record.customer LIMIT 5) AS c",
    "DELETE FROM stage.pair WHERE id %% 4 < 2",
]


def removed(plan):
    """How many pairs of rows each join of a plan looked at in vain, with its condition."""
    if "Rows Removed by Join Filter" in plan:
        yield plan["Rows Removed by Join Filter"] * plan["Actual Loops"], plan.get("Join Filter")
    for part in plan.get("Plans", []):
        yield from removed(part)


@pytest.mark.parametrize("analysed", [False, True])
def test_no_statement_compares_each_with_each(db, analysed):
    db.cursor_factory = psycopg.ClientCursor
    db.execute("CREATE SCHEMA stage")
    db.execute("CREATE TABLE stage.person (id int PRIMARY KEY, email text, at text)")
    db.execute("CREATE TABLE stage.pair (id int PRIMARY KEY, phone_number text, first_name text, last_name text, at text)")
    for table, system in [("person", "P"), ("pair", "Q")]:
        one(db, f"SELECT golden_record.attach_source('stage.{table}', '{system}', 'id', timestamp_column => 'at')")
    if analysed:
        for statement in STORY:
            db.execute(statement, {"first": 2, "last": 9, "at": "bad", "feed": "feed"})
        db.execute("VACUUM ANALYZE")
    plans = []

    def heed(notice):
        told = notice.message_primary
        if "plan:" in told:
            plans.append(json.loads(told.split("plan:", 1)[1]))

    db.add_notice_handler(heed)
    explain_all(db, log_analyze="on", log_timing="off", log_format="json", log_level="notice")
    # Plans are made for a few rows, then kept for many.
    for first, last in [(1002, 1005), (2002, 2002 + ROWS)]:
        for statement in STORY:
            db.execute(statement, {"first": first, "last": last, "at": "bad", "feed": "feed"})
    assert len(plans) > 100
    many = {(plan["Query Text"], *found) for plan in plans for found in removed(plan["Plan"]) if found[0] > 20 * ROWS}
    assert not many, "joins look at too many pairs of rows in vain"


@pytest.mark.parametrize("view, system", [("record_history", "A"), ("crosswalk", "A"), ("crosswalk", "B")])
def test_what_is_asked_for_one_id_is_not_looked_for_among_all(db, view, system):
    db.execute("""SELECT count(*) FROM golden_record.ingest((
        SELECT jsonb_build_object('records', jsonb_agg(jsonb_build_object('entityType', 'CUSTOMER', 'timestamp', '2024-01-01Z',
            'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'A', 'id', n::text),
                                                   jsonb_build_object('systemName', 'B', 'id', n::text)),
            'attributes', jsonb_build_object('email', 'w' || n || '@w.example'))))
        FROM generate_series(1, 6000) AS n))""")
    db.execute("VACUUM ANALYZE")
    db.execute("SET ROLE golden_record_steward")
    plan = one(db, f"""EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM golden_record.{view}
        WHERE entity_type = 'CUSTOMER' AND system_name = '{system}' AND source_id = '77'""")[0]["Plan"]
    assert plan["Actual Rows"] == 1
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 20
