#!/usr/bin/env python3
"""Every benchmark, one table: `make bench`.

    bench/run.py                          all sections, on 2 cores 6 to 12 minutes, and telling as long again
    bench/run.py drain latency            only these
    bench/run.py --smoke                  every section with tiny numbers, in seconds: does it still run?
    bench/run.py --runs 5 --json out.json
    bench/run.py --show out.json          the table of an earlier run, for bench/results.md

A section is a module in bench/sections/ with one function, run(options) -> [Row]. Only what was
measured in one run is compared: the table shows ratios, each the median of several interleaved runs.
Exit codes: 0 all ran, 1 a section failed (the others are still shown), 2 wrong arguments.
"""
import argparse
import contextlib
import functools
import importlib
import pathlib
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests_integration"))

import prefilled  # noqa: E402
import report  # noqa: E402
from harness import janitor, postgres, programs  # noqa: E402

# The drain fills the log further, so it comes after whoever shares it.
SECTIONS = ["micro", "replay", "round_trip", "drain", "pubsub_emulator", "latency", "start", "monitor", "api", "page", "telling",
            "crowd"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION",
                        help=f"of {', '.join(SECTIONS)}; all without one")
    parser.add_argument("--smoke", action="store_true", help="tiny numbers, one run each")
    parser.add_argument("--runs", type=int, help="interleaved runs of each case (default 3)")
    parser.add_argument("--small", type=int, help="one-row transactions to drain (default 200000)")
    parser.add_argument("--big", type=int, help="rows of the large transaction (default 1000000)")
    parser.add_argument("--json", type=pathlib.Path, default=ROOT / "build/bench.json",
                        help="where the figures go (default build/bench.json)")
    parser.add_argument("--show", type=pathlib.Path, help="only print what an earlier run wrote")
    options = parser.parse_args()
    unknown = set(options.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no section {', '.join(sorted(unknown))}: there are {', '.join(SECTIONS)}")
    options.runs = options.runs or (1 if options.smoke else 3)
    options.small = options.small or (500 if options.smoke else 200_000)
    options.big = options.big or (1_000 if options.smoke else 1_000_000)
    return options


def main():
    options = arguments()
    if options.show:
        facts, rows = report.read_json(options.show)
        print("\n".join(f"{name}: {text}" for name, text in facts.items()) + "\n")
        print(report.table(rows), end="")
        return 0
    janitor.hire()
    facts = report.machine(postgres.bin_dir(), programs.bin_dir())
    print("\n".join(f"{name}: {text}" for name, text in facts.items()), flush=True)
    rows, failed = [], []
    with contextlib.ExitStack() as stack:
        # One log for whoever drains or replays it, filled when it is first asked for.
        options.prefilled = functools.cache(lambda: stack.enter_context(prefilled.Prefilled()))
        for name in SECTIONS:
            if options.sections and name not in options.sections:
                continue
            began = time.monotonic()
            try:
                new = importlib.import_module(f"sections.{name}").run(options)
                rows += new
                print(f"\n{report.table(new)}({name}: {time.monotonic() - began:.0f} s)", flush=True)
            except Exception:  # the other sections are still worth their time
                traceback.print_exc()
                failed.append(name)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report.write_json(options.json, facts, rows)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
