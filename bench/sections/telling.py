"""From a step of a run to the first byte at who is told, and what is waiting costs.

A database of 1,000 pipelines, the connector, the monitor and a receiver that notes when each request came. The clock
runs from before the UPDATE that ends a run, so capture and the commit's own fsync are part of it. `told` is a problem's
message where `first = "0s"`; `called` is what an [[after]] calls. Then a receiver that answers after 50 ms takes as
many calls as it is given, one that is away lets them wait, and the intake is measured with and without a thousand
tables of rules, in turns.
"""
import json
import pathlib
import threading
import time

from harness import flow, janitor
from harness.postgres import Postgres, free_port
from harness.problems import wait_watched
from harness.programs import wait_until
from monitor_load import Load
from processes import cpu_seconds, peak_bytes
from report import Row, median, spread
from sections.api import FILL, SOURCE, filled
from sections.latency import percentile
from stand_ins.http_stand_in import HttpStandIn

MIB = 1 << 20
ANSWERS_IN = 0.05


class Receiver(HttpStandIn):
    """Answers after `seconds`; `came` says when a request first named a pipeline."""

    def __init__(self, seconds=0.0):
        self.seconds, self.lock, self.came = seconds, threading.Lock(), {}
        super().__init__()

    def answer(self, method, path, headers, body):
        now = time.time()
        with self.lock:
            for name in names_in(json.loads(body)):
                self.came.setdefault(name, now)
        time.sleep(self.seconds)
        return 200, {}, b"{}"


def names_in(body):
    """The pipelines that a call, or a message, is about."""
    if "run" in body:
        return [body["run"]]
    return [problem.get("subject", "") for problem in body["data"]["problems"] if problem["state"] == "open"]


class Sizes:
    def __init__(self, smoke):
        self.pipelines, self.runs, self.steps = (20, 500, 5) if smoke else (1_000, 100_000, 200)
        self.starts = 1 if smoke else 5
        self.calls, self.waiting, self.intake = (20, 100, 1_000) if smoke else (1_000, 100_000, 100_000)
        self.tables = 10 if smoke else 1_000


def told_rules(told, called):
    return (f'[channel.told]\ntype = "webhook"\nurl = "{told}"\n[channel.called]\ntype = "webhook"\nurl = "{called}"\n'
            '[[notify]]\nto = "told"\nfirst = "0s"\nthen = "0s"\n'
            '[[after]]\nmatch = "*"\ncall = "called"\nis = "completed"\nat_most = "off"\nbody = \'{"run": "{pipeline}"}\'\n')


def ends(source, status, numbers, receiver):
    """Ends a run of each of these pipelines; how long each took to be heard of, in ms."""
    begun = {}
    with source.connect() as mage:
        for number in numbers:
            begun[f"pipeline_{number}"] = end(mage, status, number)
    return waits_of(begun, receiver)


def end(mage, status, number):
    """Makes a run of this pipeline and ends it; when it began to do the latter."""
    one = mage.execute("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla, started_at) "
                       "VALUES (%s, 'RUNNING', false, now()) RETURNING id", [f"pipeline_{number}"]).fetchone()[0]
    time.sleep(0.11)  # no multiple of the monitor's own rounds
    began = time.time()
    mage.execute("UPDATE pipeline_run SET status = %s, completed_at = now() WHERE id = %s", [status, one])
    return began


def waits_of(begun, receiver):
    wait_until(lambda: receiver.came.keys() >= begun.keys(), 60,
               lambda: f"{len(begun.keys() - receiver.came.keys())} of {len(begun)} were never heard of")
    return [(receiver.came[name] - at) * 1000 for name, at in begun.items()]


def complete_at_once(source, name, runs, pipelines):
    """So many runs that are committed at once, of so many pipelines, and that all end at once."""
    source.execute("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla, started_at) "
                   f"SELECT '{name}_' || i % {pipelines}, 'RUNNING', false, now() FROM generate_series(1, {runs}) i")
    source.execute("UPDATE pipeline_run SET status = 'COMPLETED', completed_at = now() "
                   f"WHERE pipeline_uuid LIKE '{name}%' AND status = 'RUNNING'")


def latencies(section, source, monitor, told, called, numbers):
    connector = source.connector(f"{monitor.url}/push")
    wait_watched(monitor)
    rows = []
    for case, status, receiver in (("an [[after]] is called", "COMPLETED", called), ("a failure is told", "FAILED", told)):
        receiver.came.clear()
        waits = ends(source, status, numbers, receiver)
        rows.append(Row(section, case, {"steps": len(waits), "p50 ms": median(waits), "p99 ms": percentile(waits, 0.99),
                                        "max ms": max(waits)}))
    connector.stop()
    return rows


def after_a_start(section, source, start, receiver, numbers):
    """What failed while neither ran, from the start of both. The leader judges every pipeline anew."""
    waits = []
    for number in numbers:
        with source.connect() as mage:
            end(mage, "FAILED", number)
        receiver.came.clear()
        begun = {f"pipeline_{number}": time.time()}
        monitor = start()
        connector = source.connector(f"{monitor.url}/push")
        waits += waits_of(begun, receiver)
        connector.stop()
        monitor.program.stop()
    return Row(section, "a failure from while it was away, since its start", {
        "steps": len(waits), "p50 ms": median(waits), "max ms": max(waits)})


def calls(section, source, monitor, receiver, sizes):
    """As many as a receiver takes that answers in 50 ms."""
    connector = source.connector(f"{monitor.url}/push")
    wait_watched(monitor)
    receiver.came.clear()
    complete_at_once(source, "many", sizes.calls, sizes.calls)
    wait_until(lambda: len(receiver.came) == sizes.calls, 120, lambda: f"{len(receiver.came)} of {sizes.calls} came")
    seconds = max(receiver.came.values()) - min(receiver.came.values())
    connector.stop()
    return Row(section, "calls to one that answers in 50 ms", {"calls": sizes.calls, "calls/s": (sizes.calls - 1) / seconds})


def waiting(section, source, programs, folder, sizes):
    """The monitor's peak, with as many calls that wait and without them."""
    peaks = []
    for number, rules in enumerate(("", told_rules(nobody_listens(), nobody_listens()))):
        path = folder / f"waiting{number}.toml"
        path.write_text(rules)
        monitor = flow.Monitor(programs, f"sqlite:{folder}/waiting{number}", "--rules", path)
        connector = source.connector(f"{monitor.url}/push")
        wait_watched(monitor)
        before = monitor.total("walpulse_pipeline_run_finished_count_total", status="COMPLETED")
        complete_at_once(source, "waits", sizes.waiting, 100)
        monitor.wait_total(before + sizes.waiting, "walpulse_pipeline_run_finished_count_total", seconds=300,
                           status="COMPLETED")
        if rules:
            monitor.wait_total(sizes.waiting, "walpulse_delivery_waiting_count", seconds=300, channel="called")
        connector.stop()
        peaks.append(peak_bytes(monitor.program.pid) / MIB)
        monitor.program.stop()
    without, beside = peaks
    return Row(section, "calls that wait for one that is away", {
        "calls": sizes.waiting, "monitor's peak MiB": beside, "without rules": without, "MiB more": beside - without})


def nobody_listens():
    """The URL of a port that refuses connections."""
    return f"http://127.0.0.1:{free_port()}/"


def many_tables(count):
    """A file of so many tables that say something of single pipelines: how they are watched, whom of them is told,
    and what runs next."""
    tables = ['[channel.ops]\ntype = "log"\n', f'[channel.next]\ntype = "webhook"\nurl = "{nobody_listens()}"\n']
    for number in range(count):
        name = f"pipeline_{number}"
        if number % 10 == 0:
            tables.append(f'[[notify]]\nmatch = "{name}"\nto = "ops"\n')
        elif number % 10 == 1:
            tables.append(f'[[after]]\nmatch = "{name}"\ncall = "next"\nis = "completed"\n')
        else:
            tables.append(f'[[pipeline]]\nmatch = "{name}"\nmax_duration = "2h"\ndone_by = "Mon-Fri 07:00"\n')
    return "".join(tables)


def intake(section, programs, folder, sizes, turns):
    """Pushes as fast as they are taken, to a monitor without rules and to one with many, in turns."""
    rules = folder / "many.toml"
    rules.write_text(many_tables(sizes.tables))
    taken = {False: [], True: []}
    for turn in range(turns):
        for has_rules in (False, True) if turn % 2 == 0 else (True, False):
            monitor = flow.Monitor(programs, f"sqlite:{folder}/intake{turn}{has_rules}",
                                   *(["--rules", rules] if has_rules else []))
            before = cpu_seconds(monitor.program.pid)
            figures = Load("push", "--port", monitor.port, "--events", sizes.intake, "--connections", 200,
                           "--pipelines", sizes.pipelines).figures()
            assert figures["refused"] == 0, figures
            taken[has_rules].append((figures["events"] / figures["seconds"],
                                     figures["events"] / (cpu_seconds(monitor.program.pid) - before)))
            monitor.program.stop()
    ratios = [[b[which] / a[which] for a, b in zip(taken[False], taken[True])] for which in (0, 1)]
    return Row(section, f"intake with {sizes.tables:,} tables of rules", {
        "events/s": median([each[0] for each in taken[True]]), "of without": spread(ratios[0], "{:.3f}"),
        "events a CPU s": median([each[1] for each in taken[True]]), "of without, CPU": spread(ratios[1], "{:.3f}")})


def run(options):
    sizes = Sizes(options.smoke)
    rows = []
    with Postgres() as server, janitor.folder("telling-") as place:
        server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        server.psql("CREATE DATABASE ledger OWNER mage")
        folder, programs = pathlib.Path(place), flow.Programs()
        try:
            source = flow.Source(server, SOURCE, programs)
            source.create()
            source.execute(FILL.format(pipelines=sizes.pipelines, runs=sizes.runs))
            source.setup(alone=False)
            ledgers = ("SQLite", f"sqlite:{folder}/ledger"), ("PostgreSQL", server.dsn("ledger", "mage"))
            for turn, (kind, ledger) in enumerate(ledgers[:1] if options.smoke else ledgers):
                # What is failing already tells nothing when it fails again: each ledger has pipelines of its own.
                numbers = range(1 + turn * sizes.steps, 1 + (turn + 1) * sizes.steps)
                with Receiver() as told, Receiver() as called:
                    rules = folder / f"{kind}.toml"
                    rules.write_text(told_rules(told.url, called.url))
                    monitor = filled(source, programs, ledger, sizes, "--rules", rules)
                    rows += latencies(f"telling: {kind} ledger", source, monitor, told, called, numbers)
                    called.seconds = ANSWERS_IN
                    rows.append(calls(f"telling: {kind} ledger", source, monitor, called, sizes))
                    monitor.program.stop()
                    first = 1 + 2 * sizes.steps + turn * sizes.starts
                    rows.append(after_a_start(f"telling: {kind} ledger", source,
                                              lambda: flow.Monitor(programs, ledger, "--rules", rules), told,
                                              range(first, first + sizes.starts)))
            rows.append(waiting("telling: what waits", source, programs, folder, sizes))
            rows.append(intake("telling: the intake", programs, folder, sizes, options.runs))
        finally:
            programs.kill_all()
    return rows
