#!/usr/bin/env python3
"""load.py DIRECTORY RECORDS: the tables that both sides start from, of the files that generate.py made."""
import pathlib
import sys

from database import connect, load

if __name__ == "__main__":
    with connect() as session:
        load(session, pathlib.Path(sys.argv[1]), int(sys.argv[2]))
