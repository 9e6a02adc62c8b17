"""`replay` of the window, decoded by SQL and by a stream, beside `pg_recvlogical` on the same log."""
import subprocess
import time

import drains
from harness import programs
from report import Row, median, spread


def replay(prefilled, shape, way):
    began = time.monotonic()
    subprocess.run(
        [programs.bin_dir() / "walpulse-connector", "replay", "--dsn", prefilled.source.dsn, "--slot",
         prefilled.source.slot, "--from", shape.start, "--until", shape.end, "--to", "stdout", "--via",
         way],
        check=True, env=programs.clean_environment(), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    return shape.count / (time.monotonic() - began)


def run(options):
    rows = []
    prefilled = options.prefilled()
    shape = prefilled.small(options.small)
    theirs, ours = [], {"sql": [], "stream": []}
    for _ in range(options.runs):
        theirs.append(drains.recvlogical(prefilled, shape).rate)
        for way, rates in ours.items():
            rates.append(replay(prefilled, shape, way))
    rows.append(Row("replay", f"{shape.name}: pg_recvlogical",
                    {"changes/s": median(theirs), "of pg_recvlogical": "1.00"}))
    for way, rates in ours.items():
        rows.append(Row("replay", f"{shape.name}: replay --via {way} --to stdout", {
            "changes/s": median(rates),
            "of pg_recvlogical": spread([one / other for one, other in zip(rates, theirs)])}))
    return rows
