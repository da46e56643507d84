"""Fixtures of the end-to-end tests: databases of their own in the cluster that PGHOST, PGPORT and PGUSER lead to."""
import contextlib
import itertools
import os
import pathlib

import psycopg
import pytest
from psycopg import sql
from clusters import Cluster
from stories import ROOT

TEMPLATE = "golden_record_template"
numbers = itertools.count(1)


def administer(statement, *names):
    """Runs one statement, with the identifiers `names` in it, outside of the databases under test."""
    with psycopg.connect(dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def template():
    """The name of a database that has the extension and nothing else."""
    administer("DROP DATABASE IF EXISTS {}", TEMPLATE)
    administer("CREATE DATABASE {}", TEMPLATE)
    with psycopg.connect(dbname=TEMPLATE, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION golden_record")
    yield TEMPLATE
    administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", TEMPLATE)


@contextlib.contextmanager
def databases(template):
    """A function that gives a connection to a fresh database, with the extension unless told otherwise; all of them go
    in the end."""
    names, connections = [], []

    def make(extension=True):
        name = f"golden_record_{next(numbers)}"
        administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        administer("CREATE DATABASE {} TEMPLATE {}", name, template if extension else "template0")
        names.append(name)
        connections.append(psycopg.connect(dbname=name, autocommit=True))
        return connections[-1]

    yield make
    for connection in connections:
        connection.close()
    for name in names:
        administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@pytest.fixture
def new_database(template):
    """`databases` for one test."""
    with databases(template) as make:
        yield make


@pytest.fixture(scope="module")
def module_database(template):
    """`databases` for the tests of one file together."""
    with databases(template) as make:
        yield make


@pytest.fixture
def db(new_database):
    """A connection to a fresh database with the extension, every statement its own transaction."""
    return new_database()


@pytest.fixture(scope="session")
def shared():
    """The directory of data that the repository does not carry; the test is skipped where it is absent."""
    path = pathlib.Path(os.environ.get("GOLDEN_RECORD_SHARED", ROOT.parent / "shared"))
    if not (path / "datasets").is_dir():
        pytest.skip(f"{path} is absent (GOLDEN_RECORD_SHARED says where it is)")
    return path


@pytest.fixture
def new_cluster():
    """A function that starts a cluster of its own, with settings; all of them go in the end."""
    clusters = []

    def make(start=True, **settings):
        clusters.append(Cluster(**settings))
        return clusters[-1].init() if start else clusters[-1]

    yield make
    for cluster in clusters:
        cluster.close()
