#!/usr/bin/env python3
"""report.py DIRECTORY [--picture FILE.svg]: what came of the runs under a directory (one of its own for each number of records) as
Markdown on standard output, and the growth of both sides as a picture. It looks for ours.json, theirs.json and stages.json."""
import argparse
import json
import pathlib

MIB = 1 << 20


def read(directory):
    """[(records, ours, theirs, stages)], by records; a side that did not run is None."""
    runs = []
    for path in directory.iterdir():
        # A run that was broken off leaves an empty file.
        sides = [json.loads(text) if (file := path / f"{side}.json").exists() and (text := file.read_text(encoding="utf-8")) else None
                 for side in ("ours", "theirs", "stages")]
        if any(sides):
            runs.append((next(side for side in sides if side)["records"], *sides))
    return sorted(runs, key=lambda run: run[0])


def table(header, rows):
    """A Markdown table; figures to the right."""
    yield "| " + " | ".join(header) + " |"
    yield "|" + "|".join("---" if column == 0 else "---:" for column in range(len(header))) + "|"
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def ratio(ours, theirs):
    """Ours as a multiple of theirs."""
    return f"{ours / theirs:.2f} ×" if ours and theirs else ""


def seconds(value):
    return f"{value:.1f} s"


def side_by_side(records, ours, theirs):
    """Both sides of one run."""
    def both(name, key, show=seconds):
        return (name, show(ours[key]), show(theirs[key]), ratio(ours[key], theirs[key]))

    yield f"### {records:,} records"
    yield ""
    rows = [both("**from rows to golden records**", "seconds"), both("training", "training_seconds"),
            both("block, score and cluster", "resolving_seconds"),
            both("peak memory", "peak_bytes", lambda value: f"{value / MIB:,.0f} MiB"),
            ("pairs", f"{ours['pairs']:,}" if ours["pairs"] else "", f"{theirs['pairs']:,}", ratio(ours["pairs"], theirs["pairs"])),
            ("pairs a second", f"{ours['pairs'] / ours['resolving_seconds']:,.0f}" if ours["pairs"] else "",
             f"{theirs['pairs'] / theirs['resolving_seconds']:,.0f}", "")]
    for name, key in (("precision", "precision"), ("recall", "recall"), ("F1, pairs", "f1"), ("F1, B-cubed", "b_cubed_f1")):
        rows.append((name, f"{ours['accuracy'][key]:.4f}", f"{theirs['accuracy'][key]:.4f}", ""))
    rows.append(("customers found", f"{ours['accuracy']['clusters']:,}", f"{theirs['accuracy']['clusters']:,}", ""))
    yield from table(("", "golden_record", "Splink and DuckDB", "ratio"), rows)
    yield ""
    yield "Theirs: " + ", ".join(f"{name} {seconds(value)}" for name, value in theirs["steps"].items()) + \
        f"; at a match probability of {theirs['threshold']}, the best for it of {len(theirs['thresholds'])} tried."
    yield ""


def own_phases(ours):
    """Ours by step and phase, and what is there afterwards."""
    rows = []
    for step, taken in ours["steps"].items():
        rows.append((f"**{step}**", f"**{seconds(taken)}**"))
        rows += [(f"{name} ({count:,})" if count else name, seconds(value)) for name, count, value in ours["detail"][step] if value >= .05]
    yield from table(("golden_record, by phase", "time"), rows)
    yield ""
    if "checks" in ours:
        checks = ours["checks"]
        yield ("Afterwards: " + ", ".join(f"`{name}()` {seconds(value)}" for name, value in checks["seconds"].items()) +
               f" (peak {checks['peak_bytes'] / MIB:,.0f} MiB); `verify` found {checks['differences']} differences. " +
               ", ".join(f"{count:,} {name}" for name, count in ours["counts"].items()) +
               f"; the database has {ours['database_bytes'] / MIB:,.0f} MiB.")
        yield ""
        for name, phases in checks["detail"].items():
            if not phases:
                continue
            yield f"Of `{name}()`: " + ", ".join(f"{phase} {value:.1f}" for phase, _, value in phases if value >= .05) + "."
            yield ""


def stage_table(stages):
    """What the running database does."""
    yield from table(("once they are there", "figure"), stages["figures"])
    yield ""


def picture(runs, path):
    """Time and memory by records, both sides."""
    import matplotlib
    matplotlib.use("svg" if path.suffix == ".svg" else "agg")
    import matplotlib.pyplot as plt
    plt.rcParams.update({"svg.hashsalt": "golden_record", "svg.fonttype": "path", "font.size": 10})
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    for panel, key, unit, label in ((panels[0], "seconds", 1, "seconds, rows to golden records"), (panels[1], "peak_bytes", 1 << 30, "peak memory, GiB")):
        for side, name, colour, mark in ((1, "golden_record", "#0b6e4f", "o"), (2, "Splink 5 + DuckDB", "#c8553d", "s")):
            points = [(run[0] / 1e6, run[side][key] / unit) for run in runs if run[side]]
            if not points:
                continue
            panel.plot(*zip(*points), marker=mark, color=colour, label=name)
            for run, (x, y) in zip((run for run in runs if run[side]), points):
                other = run[3 - side]
                above = not other or run[side][key] >= other[key]
                panel.annotate(f"{y:.1f}", (x, y), textcoords="offset points", xytext=(0, 6 if above else -13), ha="center", color=colour, fontsize=8)
        panel.set_xlabel("source records, millions")
        panel.set_ylabel(label)
        highest = max(run[side][key] / unit for run in runs for side in (1, 2) if run[side])
        panel.set_xlim(0, 1.08 * max(run[0] for run in runs) / 1e6)
        panel.set_ylim(0, 1.15 * highest)
        panel.grid(alpha=.3)
        panel.spines[["top", "right"]].set_visible(False)
        panel.legend(frameon=False, loc="upper left")
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("directory", type=pathlib.Path)
    arguments.add_argument("--picture", type=pathlib.Path)
    given = arguments.parse_args()
    runs = read(given.directory)
    for records, ours, theirs, stages in runs:
        if ours and theirs:
            print(*side_by_side(records, ours, theirs), sep="\n")
        if ours:
            print(*own_phases(ours), sep="\n")
        if stages:
            print(*stage_table(stages), sep="\n")
    if given.picture and runs:
        picture(runs, given.picture)


if __name__ == "__main__":
    main()
