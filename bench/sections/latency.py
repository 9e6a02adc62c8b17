"""From commit to receipt: of the publish request at the sink, and beside it of the change by
`pg_recvlogical`. Both clocks are this machine's; the commit's own time is taken before its flush, so a
fsync is part of it. synchronous_commit and fsync are on, as in production.
"""
import select
import subprocess
import time

import drains
from local_sink import LocalSink
from prefilled import Prefilled
from harness.programs import Program
from report import Row, median

RATES = (100, 2000)
RUNS = 1000  # rows that are updated at random
SCRIPT = """\\set id random(1, {runs})
UPDATE pipeline_run SET status = 'RUNNING', updated_at = clock_timestamp() WHERE id = :id;
"""


class Load:
    """pgbench at a rate, for so long."""

    def __init__(self, prefilled, rate, seconds):
        script = prefilled.server.folder / "load.sql"
        script.write_text(SCRIPT.format(runs=RUNS))
        self.process = subprocess.Popen(
            [prefilled.server.bin / "pgbench", "-n", "-f", script, "-R", str(rate), "-c", "4", "-j", "1",
             "-T", str(seconds), prefilled.source.owner_dsn],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def running(self):
        return self.process.poll() is None

    def end(self):
        errors = self.process.communicate()[1]
        if self.process.returncode != 0:
            raise RuntimeError(f"pgbench: {errors}")


def recvlogical(prefilled, rate, seconds):
    from pgoutput_times import Reader
    slot = prefilled.slot_here()
    process = subprocess.Popen(drains.recvlogical_command(prefilled, slot, "-f", "-", "-F", "0"),
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        prefilled.wait_streaming(slot)
        reader, load = Reader(), Load(prefilled, rate, seconds)
        quiet_since = time.monotonic()
        while load.running() or time.monotonic() < quiet_since + 0.5:
            if select.select([process.stdout], [], [], 0.1)[0]:
                quiet_since = time.monotonic()
                if not reader.read(process.stdout.fileno()):
                    break
        load.end()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
    prefilled.drop(slot)
    return reader.latencies


def connector(prefilled, rate, seconds):
    slot = prefilled.slot_here()
    with LocalSink(latencies=True) as sink:
        program = Program("walpulse-connector", *prefilled.run_flags(slot), "--to", sink.URL,
                          env=sink.environment())
        try:
            prefilled.wait_streaming(slot)
            load = Load(prefilled, rate, seconds)
            load.end()
            time.sleep(0.5)
            found = sink.latencies()
            program.stop()
        finally:
            program.kill()
    prefilled.drop(slot)
    return found[1:]  # without the heartbeat


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def figures(runs):
    """Medians over the runs, in milliseconds."""
    def middle(share):
        return median([percentile(run, share) for run in runs]) * 1000
    return {"changes": sum(map(len, runs)), "p50 ms": middle(0.5), "p99 ms": middle(0.99),
            "max ms": middle(1)}


def run(options):
    seconds = 1 if options.smoke else 5
    rows = []
    with Prefilled(fsync="on", synchronous_commit="on") as prefilled:
        prefilled.small(RUNS * 3)
        for rate in RATES:
            theirs, ours = [], []
            for _ in range(options.runs):
                theirs.append(recvlogical(prefilled, rate, seconds))
                ours.append(connector(prefilled, rate, seconds))
            rows.append(Row("latency", f"{rate:,} changes/s: pg_recvlogical", figures(theirs)))
            rows.append(Row("latency", f"{rate:,} changes/s: walpulse-connector", figures(ours)))
    return rows
