"""The warehouse's table that both sides start from: plain, with a primary key, filled by COPY in the order of arrival."""
import threading
import time

import psycopg

TABLE = """
CREATE TABLE {name} (
    system_name text NOT NULL, source_id text NOT NULL, email text, phone_number text, first_name text, last_name text,
    preferred_language text, last_purchase_date text, date_of_birth text, street text, city text, postcode text, country text,
    company text, updated_at timestamptz NOT NULL)
"""


def connect(**options):
    """A session in autocommit, of the database that PGDATABASE and the like lead to."""
    return psycopg.connect(autocommit=True, **options)


def copy_file(connection, path, statement):
    """Runs a COPY … FROM STDIN with the bytes of a file."""
    with open(path, "rb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        while block := file.read(1 << 20):
            copy.write(block)


def load(connection, directory, records):
    """Fills `customers` with the first records to arrive, `later` with the others, and `truth`."""
    connection.execute(TABLE.format(name="pg_temp.arrival"))
    copy_file(connection, directory / "records.csv", "COPY pg_temp.arrival FROM STDIN WITH (FORMAT csv, HEADER)")
    order = "ORDER BY updated_at, system_name, source_id"
    for name, part in (("customers", f"LIMIT {records}"), ("later", f"OFFSET {records}")):
        connection.execute(TABLE.format(name=name))
        connection.execute(f"INSERT INTO {name} SELECT * FROM pg_temp.arrival {order} {part}")
        connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (system_name, source_id)")
    connection.execute("CREATE TABLE truth (system_name text, source_id text, customer bigint)")
    copy_file(connection, directory / "truth.csv", "COPY truth FROM STDIN WITH (FORMAT csv, HEADER)")
    connection.execute("DROP TABLE pg_temp.arrival")
    connection.execute("VACUUM (ANALYZE) customers, later, truth")
    connection.execute("CHECKPOINT")


def truth(connection):
    """(system, id) → customer, of the records in `customers`."""
    return {(system, number): customer for system, number, customer in connection.execute(
        "SELECT system_name, source_id, customer FROM truth JOIN customers USING (system_name, source_id)")}


class Peak(threading.Thread):
    """The most memory of its own (not shared, not of files) that a process has while this runs, in bytes. Linux only."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.path, self.bytes, self.ended = f"/proc/{pid}/status", 0, threading.Event()

    def run(self):
        while not self.ended.wait(0.1):
            self.look()

    def look(self):
        with open(self.path, encoding="ascii") as file:
            for line in file:
                if line.startswith("RssAnon:"):
                    self.bytes = max(self.bytes, int(line.split()[1]) * 1024)

    def __enter__(self):
        self.look()
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


class Stopwatch:
    """Seconds by phase, in their order."""

    def __init__(self):
        self.phases = {}

    def measure(self, name, function, *arguments):
        """What the function gives; its time goes under the name."""
        begin = time.perf_counter()
        result = function(*arguments)
        self.phases[name] = self.phases.get(name, 0) + time.perf_counter() - begin
        return result
