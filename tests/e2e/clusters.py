"""Clusters of their own, for tests that stop servers, change files beside them, or copy them."""
import base64
import os
import pathlib
import shutil
import subprocess

import psycopg

# PostgreSQL refuses to run as root.
AS_SERVER = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
SETTINGS = {"listen_addresses": "", "autovacuum": "off", "fsync": "off", "synchronous_commit": "off", "log_min_error_statement": "panic"}


def as_server(*command, cwd="/", **options):
    """Runs a command as the operating system user of servers; gives what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "RUST_BACKTRACE"}
    done = subprocess.run([*AS_SERVER, *map(str, command)], cwd=cwd, env={**environment, "LC_ALL": "C"}, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


class Cluster:
    """A cluster in a directory of its own, at whose end it goes."""

    def __init__(self, **settings):
        self.home = pathlib.Path(as_server("mktemp", "-d", "/tmp/golden_record.XXXXXX").strip())
        self.data, self.log = self.home / "data", self.home / "log"
        self.settings = {**SETTINGS, **settings}

    def create(self):
        """Makes an empty cluster."""
        as_server("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")

    def init(self):
        """Makes an empty cluster and starts it."""
        self.create()
        return self.start()

    def upgrade(self, old):
        """Makes it of another that stands still, by pg_upgrade from the version to itself, and starts it."""
        self.create()
        binaries = pathlib.Path(shutil.which("pg_upgrade")).parent
        as_server("pg_upgrade", "-b", binaries, "-B", binaries, "-d", old.data, "-D", self.data, "-U", "postgres", "-s", self.home,
                  cwd=self.home)
        return self.start()

    def start(self):
        """Starts it."""
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        as_server("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-s", "start", "-o", f"-k {self.home} -p 5432 {options}")
        return self

    def stop(self, mode="fast"):
        """Stops it; mode immediate is a crash."""
        as_server("pg_ctl", "-D", self.data, "-m", mode, "-s", "-w", "stop")

    def connect(self, dbname="postgres", user="postgres", **options):
        """A connection in autocommit."""
        return psycopg.connect(host=str(self.home), port=5432, user=user, dbname=dbname, autocommit=True, **options)

    def dump(self, dbname="postgres"):
        """What pg_dump gives."""
        return subprocess.run(["pg_dump", "-h", self.home, "-p", "5432", "-U", "postgres", "-d", dbname], check=True,
                              capture_output=True).stdout

    def restore(self, dump, dbname="postgres"):
        """Runs what pg_dump gave."""
        done = subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", self.home, "-p", "5432", "-U", "postgres", "-d",
                               dbname], input=dump, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr

    @property
    def key(self):
        """The key file's text."""
        return as_server("cat", self.data / "golden_record.key")

    @key.setter
    def key(self, text):
        path = self.data / "golden_record.key"
        as_server("sh", "-c", 'umask 077; cat > "$1"', "sh", path, input=text)

    def close(self):
        """Takes it away."""
        try:
            self.stop("immediate")
        except AssertionError:
            pass
        shutil.rmtree(self.home, ignore_errors=True)

    def files(self):
        """The bytes of every file of the cluster and of its log, by path."""
        for path in [*self.data.rglob("*"), self.log]:
            if path.is_file():
                yield str(path.relative_to(self.home)), path.read_bytes()


def spellings(value):
    """A text as it may lie in a file: as it is, in hexadecimal, in base64 at any of the three alignments."""
    plain = value.encode()
    yield "text", plain
    yield "hex", plain.hex().encode()
    for shift in range(3):
        # The letters that depend on the neighbours are cut off.
        code = base64.b64encode(b"\0" * shift + plain).decode().rstrip("=")
        start = [0, 2, 3][shift]
        end = len(code) - (1 if (len(plain) + shift) % 3 else 0)
        yield f"base64+{shift}", code[start:end].encode()

