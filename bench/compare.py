#!/usr/bin/env python3
"""Two builds measured in turns, as ratios: is the one slower than the other?

    bench/compare.py BEFORE AFTER SECTION...    BEFORE and AFTER: folders with the built programs
    bench/compare.py --turns 5 /tmp/before/build/release/bin build/release/bin micro replay

A machine's speed drifts by more than what a change costs, so that one run of each build says nothing. Here
they take turns, and each figure is AFTER's median by BEFORE's, beside the least by the least: what is real
shows in both. Exit code 2: wrong arguments.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import report

HERE = pathlib.Path(__file__).resolve().parent
SHOWN = ("CPU ns an item", "changes/s", "of pg_recvlogical", "ordered messages/s", "events/s", "a CPU s",
         "CPU s per million", "p50 ms", "peak MiB", "ms")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=pathlib.Path)
    parser.add_argument("after", type=pathlib.Path)
    parser.add_argument("sections", nargs="+", metavar="SECTION", help="of bench/run.py")
    parser.add_argument("--turns", type=int, default=5, help="how often each is measured (5)")
    options = parser.parse_args()
    for folder in (options.before, options.after):
        if not (folder / "walpulse_bench").exists():
            parser.error(f"{folder} holds no walpulse_bench: build it there with 'make bench'")
    return options


def measure(folder, sections, json):
    """One run of the sections with the programs in `folder`: {(section, case, figure): number}."""
    done = subprocess.run([sys.executable, HERE / "run.py", *sections, "--json", json],
                          env={**os.environ, "WALPULSE_BIN": str(folder.resolve())},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit(done.stdout)
    _, rows = report.read_json(pathlib.Path(json))
    return {(row.section, row.case, name): number_of(figure)
            for row in rows for name, figure in row.figures.items() if name in SHOWN}


def number_of(figure):
    """A figure is a number, or a text that begins with one: "1.18 (1.11-1.19)", the median and its extremes."""
    return figure if isinstance(figure, (int, float)) else float(figure.split()[0].replace(",", ""))


def main():
    options = arguments()
    seen = {}
    with tempfile.TemporaryDirectory(prefix="walpulse-compare-") as folder:
        for turn in range(options.turns):
            pair = [("before", options.before), ("after", options.after)]
            for name, programs in pair if turn % 2 == 0 else reversed(pair):
                print(f"turn {turn + 1} of {options.turns}: {name}", file=sys.stderr, flush=True)
                for key, number in measure(programs, options.sections, f"{folder}/one.json").items():
                    seen.setdefault(key, {}).setdefault(name, []).append(number)
    print(f"{'section':<16}{'case':<62}{'figure':<20}{'before':>12}{'after':>12}{'median':>8}{'least':>8}")
    for (section, case, name), runs in seen.items():
        if len(runs) < 2 or not min(runs["before"]):
            continue
        before, after = (statistics.median(runs[one]) for one in ("before", "after"))
        least = min(runs["after"]) / min(runs["before"])
        print(f"{section:<16}{case[:60]:<62}{name:<20}{before:>12,.4g}{after:>12,.4g}"
              f"{after / before:>8.3f}{least:>8.3f}")


if __name__ == "__main__":
    main()
