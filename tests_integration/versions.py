#!/usr/bin/env python3
"""The core of these tests on each PostgreSQL that walpulse supports, and one table of the results.

    versions.py FOLDER [MAJOR ...]    FOLDER as `setup.sh versions` fills it; all of it by default

Exits 1 where a test failed, or a version ran none. Output of the tests comes as they run.
"""
import collections
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

from harness import janitor

HERE = pathlib.Path(__file__).resolve().parent
PASSED, FAILED = "passed", "FAILED"


def servers(folder, wanted):
    """{major version: folder of its programs}, oldest first."""
    found = {int(re.search(r"postgres-(\d+)/", str(path))[1]): path
             for path in folder.glob("node_modules/postgres-*/native/bin")}
    missing = sorted(set(wanted) - set(found))
    if missing or not found:
        sys.exit(f"no servers of {missing or 'any version'} in {folder}: run deploy/setup/setup.sh "
                 "versions")
    return {major: found[major] for major in sorted(wanted or found)}


def results(report):
    """{group: Counter of passed and failed tests} from a report in JUnit's form."""
    groups = collections.defaultdict(collections.Counter)
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        names = [one.get("value") for one in case.iter("property") if one.get("name") == "group"]
        good = case.find("failure") is None and case.find("error") is None
        groups[names[0] if names else "other"][PASSED if good else FAILED] += 1
    return groups


def run_core(folder):
    """Runs the core with the servers of `folder`; returns its exit code and results()."""
    with janitor.folder("versions-") as reports:
        report = pathlib.Path(reports) / "report.xml"
        code = subprocess.run(
            [sys.executable, "-m", "pytest", HERE, "-q", "-m", "core", "-n", "2", "--dist",
             "loadfile", "-p", "no:cacheprovider", f"--junitxml={report}"],
            env={**os.environ, "WALPULSE_POSTGRES_BIN": str(folder)}).returncode
        return code, results(report) if report.exists() else {}


def cell(counts):
    if not counts:
        return "-"
    text = f"{counts[PASSED]} {PASSED}"
    return f"{text}, {counts[FAILED]} {FAILED}" if counts[FAILED] else text


def table(outcome):
    """Versions as columns, groups as rows."""
    groups = sorted({group for found in outcome.values() for group in found})
    rows = [["", *(f"PostgreSQL {major}" for major in outcome)]]
    rows += [[group, *(cell(found.get(group)) for found in outcome.values())] for group in groups]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
                     for row in rows)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    outcome, good = {}, True
    for major, folder in servers(pathlib.Path(sys.argv[1]).resolve(),
                                 list(map(int, sys.argv[2:]))).items():
        print(f"\n== PostgreSQL {major}", flush=True)
        code, outcome[major] = run_core(folder)
        good = good and code == 0 and bool(outcome[major])
    print("\n" + table(outcome) + "\n-: this version has no such thing")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
