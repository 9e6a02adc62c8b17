#!/usr/bin/env python3
"""What triggers and blocks in the capture cost the drain of runs, in turns with a capture of runs alone.

    bench/tables.py [--turns 7] [--small 100000] [--big 500000]

The same full slots, drained by `walpulse-connector` into a local sink: the median of the rates, and the best by
the best. WALPULSE_BIN: the folder of the programs, else build/release/bin.
"""
import argparse
import os
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests_integration"))
os.environ.setdefault("WALPULSE_BIN", str(HERE.parent / "build/release/bin"))

import drains  # noqa: E402
from harness import janitor  # noqa: E402
from local_sink import LocalSink  # noqa: E402
from prefilled import Prefilled  # noqa: E402


def rate(prefilled, shape):
    with LocalSink() as sink:
        return drains.connector(prefilled, shape, sink).rate


def compare(name, alone, whole, turns):
    rates = {"alone": [], "whole": []}
    for _ in range(turns):
        rates["alone"].append(rate(*alone))
        rates["whole"].append(rate(*whole))
    middle = statistics.median(rates["whole"]) / statistics.median(rates["alone"])
    print(f"{name}: {middle:.3f} of the rate with runs alone (the best by the best "
          f"{max(rates['whole']) / max(rates['alone']):.3f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--big", type=int, default=500_000)
    options = parser.parse_args()
    janitor.hire()
    with Prefilled() as alone, Prefilled(runs_alone=False) as whole:
        compare("one-row transactions", (alone, alone.small(options.small)), (whole, whole.small(options.small)),
                options.turns)
        compare("rows in one transaction", (alone, alone.big(options.big)), (whole, whole.big(options.big)),
                options.turns)


if __name__ == "__main__":
    main()
