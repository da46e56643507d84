#!/usr/bin/env python3
"""Dirty customer records of five systems, with the truth: who is who.

    generate.py --records 100000 --out DIRECTORY [--seed 1]

Writes records.csv (columns COLUMNS of systems.py) and truth.csv (systemName, sourceId, customer), two and a half records a
customer. The same number and seed give the same bytes, on however many cores.

The data imitates: names as frequent as they are, with a long tail; nicknames, initials, middle letters, swapped and joined
names, suffixes, accents lost; slips of keyboard, scanner and ear; telephones in many formats and with extensions; mailboxes
with tags, dots and mistyped hosts; households that share family name, address, telephone or mailbox, with twins and with
sons named after their fathers; firms with one main number; people who move, marry, change number or mailbox; junk; gaps.
"""
import argparse
import csv
import multiprocessing
import pathlib

from people import FIRST_DAY, LAST_DAY, World
from systems import COLUMNS, Clerk

PEOPLE_A_CHUNK = 20_000
# How many records a customer has, by tenths of a per cent: 2.5 in the mean.
COUNTS = [count for count, share in ((1, 290), (2, 290), (3, 210), (4, 110), (5, 55), (6, 27), (7, 12), (8, 6)) for _ in range(share)]
# Above all records of a chunk, so that numbers of records never meet.
NUMBERS_A_CHUNK = PEOPLE_A_CHUNK * 10

world = clerk = None


def prepare(seed, customers):
    """Once a process."""
    global world, clerk
    world = World(seed, customers)
    clerk = Clerk(world)


def chunk(job):
    """The records of PEOPLE_A_CHUNK customers and their truth, shuffled."""
    seed, index = job
    world.reseed(f"{seed} chunk {index}")
    clerk.reseeded()
    random, rows, customer = world.random, [], index * PEOPLE_A_CHUNK
    while customer < (index + 1) * PEOPLE_A_CHUNK:
        for person in world.household():
            for _ in range(COUNTS[int(random() * len(COUNTS))]):
                day = FIRST_DAY + int(random() * (LAST_DAY - FIRST_DAY))
                record = clerk.record(person, clerk.system(), index * NUMBERS_A_CHUNK + len(rows) + 1, day)
                rows.append((record, customer))
            customer += 1
            if customer == (index + 1) * PEOPLE_A_CHUNK:
                break
    world.source.shuffle(rows)
    return rows


def generate(records, seed, directory):
    """Writes so many records."""
    directory.mkdir(parents=True, exist_ok=True)
    customers = round(records / 2.5)
    # What is wrong in here shows once: a pool starts workers that fail anew for ever.
    prepare(seed, customers)
    # A chunk gives some per mille more or less than the mean: one more than needed, and the rest of it is left out.
    jobs = [(seed, index) for index in range(customers // PEOPLE_A_CHUNK + 2)]
    left = records
    with open(directory / "records.csv", "w", encoding="utf-8", newline="") as file, \
            open(directory / "truth.csv", "w", encoding="utf-8", newline="") as truth_file, \
            multiprocessing.Pool(initializer=prepare, initargs=(seed, customers)) as pool:
        out, truth = csv.writer(file, lineterminator="\n"), csv.writer(truth_file, lineterminator="\n")
        out.writerow(COLUMNS)
        truth.writerow(("systemName", "sourceId", "customer"))
        for rows in pool.imap(chunk, jobs):
            # Cut between customers, all but the last.
            if len(rows) > left:
                rows = sorted(rows, key=lambda row: row[1])[:left]
                rows.sort(key=lambda row: row[0][-1])
            out.writerows(record for record, _ in rows)
            truth.writerows((*record[:2], customer) for record, customer in rows)
            left -= len(rows)
            if left == 0:
                break


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--records", type=int, required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    given = arguments.parse_args()
    generate(given.records, given.seed, given.out)
