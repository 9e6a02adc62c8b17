#!/usr/bin/env python3
"""How long a newcomer waits: from `make demo` in a clean clone to the first number that it shows.

    bench/first_number.py 7627262 HEAD             by hand: two revisions in turns, minutes for each
    bench/first_number.py --turns 3 HEAD
    bench/first_number.py --target test OLD HEAD   to the end of `make test` instead

What setup.sh installs is there already, and no compiler cache is asked. The machine should do nothing else. Exit code 1
where a target fails; what it printed is then shown. 2: wrong arguments.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests_integration"))
sys.dont_write_bytecode = True

from harness import janitor  # noqa: E402

DEMO_SECONDS = 15


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("revisions", nargs="+", metavar="REVISION")
    parser.add_argument("--turns", type=int, default=2, help="how often each is measured (2)")
    parser.add_argument("--target", choices=["demo", "test"], default="demo", help="of make (demo)")
    return parser.parse_args()


def environment():
    """Ours, without a compiler cache and what else is set for this tree alone."""
    return {name: value for name, value in os.environ.items()
            if "CCACHE" not in name and not name.startswith(("CMAKE_", "WALPULSE_", "MAKE"))}


def clone(revision, folder):
    for command in (["clone", "-q", ROOT, folder], ["-C", folder, "checkout", "-q", revision]):
        subprocess.run(["git", *command], check=True)


def is_number(line):
    """A row of the demo's table, and nothing of the build's, setup's or demo's own words."""
    return not line.startswith(("demo:", "[", "setup:")) and re.search(r"\d+ s .*events/s", line)


def measure(revision, target):
    """Seconds to the first number, or to the end where the target shows none."""
    with janitor.folder("first-") as folder:
        clone(revision, folder)
        began, first, printed = time.monotonic(), None, []
        made = subprocess.Popen(["make", target], cwd=folder, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env={**environment(), "DEMO_SECONDS": str(DEMO_SECONDS)})
        for line in made.stdout:
            printed.append(line)
            if first is None and is_number(line):
                first = time.monotonic() - began
        code, ended = made.wait(), time.monotonic() - began
    if code or (target == "demo" and first is None):
        sys.exit(f"make {target} of {revision} failed ({code}):\n{''.join(printed)}")
    return first if target == "demo" else ended


def main():
    options = arguments()
    janitor.hire()  # a make that is left alone would go on
    seen = {revision: [] for revision in options.revisions}
    for turn in range(options.turns):
        for revision, seconds in seen.items():
            seconds.append(measure(revision, options.target))
            print(f"turn {turn + 1} of {options.turns}: {revision} {seconds[-1]:.1f} s", file=sys.stderr, flush=True)
    before = statistics.median(seen[options.revisions[0]])
    for revision, seconds in seen.items():
        middle = statistics.median(seconds)
        print(f"make {options.target}, {revision}: {middle:.1f} s, {middle / before:.2f} of {options.revisions[0]}")


if __name__ == "__main__":
    main()
