"""The benchmark's data and its own side at a small size; the comparison itself is bench/run."""
import collections
import csv
import json
import os
import subprocess
import sys

import pytest
from stories import ROOT, assert_sound

RECORDS = 2_000


def bench(script, *arguments, **environment):
    """Runs a script of bench/."""
    subprocess.run([sys.executable, ROOT / "bench" / script, *map(str, arguments)], check=True, env={**os.environ, **environment})


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    directory = tmp_path_factory.mktemp("bench")
    bench("generate.py", "--records", RECORDS, "--out", directory)
    return directory


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(data, tmp_path):
    bench("generate.py", "--records", RECORDS, "--out", tmp_path / "again")
    bench("generate.py", "--records", RECORDS, "--seed", 2, "--out", tmp_path / "other")
    for name in ("records.csv", "truth.csv"):
        assert (data / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
        assert (data / name).read_bytes() != (tmp_path / "other" / name).read_bytes()


def test_customers_have_several_records_and_households_share_what_they_have(data):
    truth = {(row["systemName"], row["sourceId"]): row["customer"] for row in rows(data / "truth.csv")}
    records = rows(data / "records.csv")
    assert len(truth) == len(records) == RECORDS
    assert {(row["systemName"], row["sourceId"]) for row in records} == truth.keys()
    customers = collections.Counter(truth.values())
    assert 2.2 < RECORDS / len(customers) < 2.8
    assert len({row["systemName"] for row in records}) == 5
    homes = collections.defaultdict(set)
    for row in records:
        if row["street"]:
            homes[row["street"].lower(), row["postcode"]].add(truth[row["systemName"], row["sourceId"]])
    assert sum(len(people) > 1 for people in homes.values()) > 30
    spellings = collections.defaultdict(set)
    for row in records:
        spellings[truth[row["systemName"], row["sourceId"]]].add(row["lastName"].strip().lower())
    assert sum(len(names) > 1 for names in spellings.values()) > 100, "dirty, and people marry"


def test_our_side_finds_most_of_them(data, new_database, tmp_path):
    db = new_database(extension=False)
    bench("load.py", data, RECORDS - 200, PGDATABASE=db.info.dbname)
    bench("ours.py", tmp_path / "ours.json", PGDATABASE=db.info.dbname)
    result = json.loads((tmp_path / "ours.json").read_text(encoding="utf-8"))
    assert result["records"] == result["counts"]["source records"] == RECORDS - 200
    assert result["checks"]["differences"] == 0
    assert result["accuracy"]["f1"] > .85 and result["accuracy"]["precision"] > .93, result["accuracy"]
    bench("stages.py", tmp_path / "stages.json", PGDATABASE=db.info.dbname)
    assert len(json.loads((tmp_path / "stages.json").read_text(encoding="utf-8"))["figures"]) == 9
    assert_sound(db)
