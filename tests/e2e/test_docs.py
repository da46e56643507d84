"""What the documents show is what comes out: every SQL block of README.md and docs/*.md runs, each document in a fresh
database and one session of psql; a block of text or output right after it is what psql must print."""
import difflib
import os
import re
import subprocess

import pytest
from stories import ROOT

DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
MARK = "=== end of block"


def examples(text):
    """(SQL, expected output or None) of each SQL block."""
    blocks = list(FENCE.finditer(text))
    for block, following in zip(blocks, [*blocks[1:], None]):
        if block[1] == "sql":
            shown = (following and following[1] in ("text", "output")
                     and not text[block.end():following.start()].strip())
            yield block[2], following[2] if shown else None


def run(database, scripts):
    """What psql prints for each of the scripts, errors included."""
    script = "".join(f"{sql}\\echo {MARK}\n" for sql in scripts)
    done = subprocess.run(["psql", "-qX", "-d", database], input=script, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**os.environ, "PGTZ": "UTC"}, check=False)
    return done.stdout.split(f"{MARK}\n")[:-1]


def plain(output, golden_ids):
    """The lines of an output without what differs from run to run: golden ids, which go by the order of their first
    appearance (kept in `golden_ids`), and the width of columns. Documents show no times of processing."""
    output = UUID.sub(lambda found: f"id{golden_ids.setdefault(found[0], len(golden_ids) + 1)}", output)
    lines = [re.sub(r"-{2,}", "--", re.sub(r"\s+", " ", line)).strip() for line in output.splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_examples_of_a_document_print_what_it_says(db, document):
    blocks = list(examples(document.read_text(encoding="utf-8")))
    outputs = run(db.info.dbname, [sql for sql, _ in blocks])
    assert len(outputs) == len(blocks)
    documented, printed = {}, {}
    for (sql, expected), output in zip(blocks, outputs):
        if expected is None:
            assert not re.search(r"^(psql:.*)?(ERROR|FATAL):", output, re.MULTILINE), f"{sql}\n{output}"
        else:
            difference = "\n".join(difflib.unified_diff(plain(expected, documented), plain(output, printed),
                                                        "documented", "printed", lineterm=""))
            assert not difference, f"{sql}\n{difference}"
