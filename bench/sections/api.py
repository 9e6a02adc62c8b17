"""The API of a ledger of 1,000 pipelines and 100,000 runs, while 2,000 events a second come in and 200 pages are open.

The runs come by a snapshot, their triggers too; the events are those of bench/load, of further pipelines. A page asks
as Now does: for the problems and the overview, every five seconds, with the tags of its last answers. Beside the pages
each list is asked for by one client, no two requests alike, so that none is answered out of the second for which
answers serve. Then the intake takes as much as it can, without and with the pages, in turns.
"""
import contextlib
import json
import time

from harness import flow, janitor
from harness.postgres import Postgres
from harness.programs import fetch, run as run_program, wait_until
from monitor_load import Load, ask, targets_file
from processes import cpu_seconds, peak_bytes
from report import Row, median, spread
from sections.monitor import server_cpu_seconds

MIB = 1 << 20
SOURCE = "etl"  # another than that of the events
FILL = """
INSERT INTO pipeline_schedule (id, name, pipeline_uuid, schedule_type, schedule_interval, status, created_at)
SELECT i, 'trigger_' || i, 'pipeline_' || i, 'TIME', (i % 60) || ' * * * *', 'ACTIVE', now()
FROM generate_series(1, {pipelines}) i;
INSERT INTO pipeline_run (created_at, started_at, completed_at, pipeline_schedule_id, pipeline_uuid, execution_date,
                          status, passed_sla, variables)
SELECT at, at + interval '2 s', CASE WHEN i % 17 = 0 THEN NULL ELSE at + i % 600 * interval '1 s' + interval '3 s' END,
       1 + i % {pipelines}, 'pipeline_' || 1 + i % {pipelines}, at,
       CASE WHEN i % 17 = 0 THEN 'FAILED' WHEN i % 31 = 0 THEN 'CANCELLED' ELSE 'COMPLETED' END::text::pipelinerunstatus,
       false, json_build_object('partner', 'p' || i % 40)
FROM (SELECT i, now() - interval '25 days' * (1 - i / {runs}.0) AS at FROM generate_series(1, {runs}) i) made
"""

# What Now asks, as its script writes it.
PAGE = ["/api/v1/problems?page_size=200", "/api/v1/overview"]
PAGE_SECONDS = 5
# What has no parameter to tell two requests apart: asked more seldom than an answer serves.
WHOLE = ["/api/v1/overview?source=etl", "/api/v1/sources", "/api/v1/rules"]
WHOLE_SECONDS = 1.1
# {n} is another number in each request, of six digits; {i} runs through the pipelines, or runs.
LISTS = {
    "/problems": "/problems?page_size=50&text=_&opened_after=2020-01-01T00:00:00.{n}Z",
    "/problems, closed too": "/problems?state=open,muted,closed&page_size=50&opened_after=2020-01-01T00:00:00.{n}Z",
    "/pipelines": "/pipelines?page_size=50&text=_{i}",
    "/pipelines, last ended first": "/pipelines?sort=-ended_at&text=_{i}",
    "/pipelines/ID": "/pipelines/etl:pipeline_{i}",
    "/runs": "/runs?page_size=50&window={n}h",
    "/runs, failed": "/runs?status=FAILED&window={n}h",
    "/runs, a text that none has": "/runs?text=no+such+{n}",
    "/runs, a label's value": "/runs?label.partner=p7&window={n}h",
    "/runs, of a pipeline": "/runs?pipeline=pipeline_{i}&window={n}h",
    "/runs/ID": "/runs/etl:{i}?include=steps,blocks,last_success",
    "/triggers": "/triggers?text=_{i}",
    "/schedule, of this month": "/schedule?day={day}&pipeline=pipeline_{i}",
    "/schedule, all of a day": "/schedule?day={day}&page_size={size}",
    "/schedule, of a day long ago": "/schedule?day={old}",
    "/mutes": "/mutes?page_size={few}",
}


def targets_of(pattern, pipelines):
    """Enough of them that none comes twice within a second."""
    days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400 * n)) for n in range(25)]
    old = [f"20{20 + n % 5}-{1 + n // 5 % 12:02d}-{1 + n // 60 % 28:02d}" for n in range(1000)]
    count = 1 if "{n}" in pattern and "{i}" not in pattern else 1000
    return ["/api/v1" + pattern.replace("{i}", str(1 + n * 37 % pipelines)).replace("{day}", days[n % 25])
            .replace("{old}", old[n]).replace("{few}", str(1 + n % 200)).replace("{size}", str(50 + n % 149)) for n in range(count)]


class Sizes:
    def __init__(self, smoke):
        self.pipelines, self.runs = (20, 500) if smoke else (1_000, 100_000)
        self.pages, self.rate, self.stream_pipelines = (5, 200, 10) if smoke else (200, 2_000, 200)
        self.seconds = 0.3 if smoke else 3
        self.full = 2_000 if smoke else 40_000


class Stream:
    """Events for one monitor; each comes once."""

    def __init__(self, port, sizes):
        self.port, self.sizes, self.next = port, sizes, 0

    def begin(self, count, rate=0):
        load = Load("push", "--port", self.port, "--first", self.next, "--events", count, "--connections", 200,
                    "--pipelines", self.sizes.stream_pipelines, "--rate", rate)
        self.next += count
        return load


@contextlib.contextmanager
def asked_beside(port, targets, connections, every, seconds, *options):
    """By open pages, while the block runs or longer; gives a function that waits for their end and has the figures."""
    with targets_file(targets) as name:
        load = Load("ask", "--port", port, "--targets", name, "--connections", connections, "--every", every,
                    "--seconds", seconds, *options)

        def figures():
            done = load.figures()
            assert set(done["statuses"]) <= {"200", "304"}, done
            return done
        yield figures


def pages(monitor, sizes, seconds):
    return asked_beside(monitor.port, PAGE, sizes.pages, PAGE_SECONDS, seconds, "--tags", "--gzip")


def served(section, case, figures):
    return Row(section, case, {"requests": figures["requests"], "p50 ms": figures["p50_ms"], "p99 ms": figures["p99_ms"],
                               "max ms": figures["max_ms"], "kB": figures["bytes_max"] / 1000})


def answers(section, monitor, stream, sizes):
    """Every list, while events come in and pages are open."""
    rows = []
    seconds = sizes.seconds * (len(LISTS) + 2)
    events = stream.begin(int(sizes.rate * seconds), sizes.rate)
    with pages(monitor, sizes, seconds) as open_pages, \
            asked_beside(monitor.port, WHOLE, 1, WHOLE_SECONDS, seconds) as whole:
        time.sleep(sizes.seconds)
        for name, pattern in LISTS.items():
            figures = ask(monitor.port, targets_of(pattern, sizes.pipelines), "--seconds", sizes.seconds)
            rows.append(served(section, name, figures))
        rows.insert(0, served(section, f"what {sizes.pages} open pages ask", open_pages()))
        rows.insert(1, served(section, "/overview, /sources and /rules, each anew", whole()))
    waits = events.figures()
    assert waits["refused"] == 0, waits
    rows.append(Row(section, f"a push, {sizes.rate:,} a second", {
        "requests": waits["events"], "p50 ms": waits["p50_ms"], "p99 ms": waits["p99_ms"], "max ms": waits["max_ms"]}))
    return rows


def intakes(section, monitor, server, stream, sizes, turns):
    """What is taken as fast as it can be, without pages and with them."""
    def take():
        before = cpu_seconds(monitor.program.pid), server_cpu_seconds(server)
        figures = stream.begin(sizes.full).figures()
        assert figures["refused"] == 0, figures
        figures["cpu"] = cpu_seconds(monitor.program.pid) - before[0]
        figures["server"] = server_cpu_seconds(server) - before[1]
        return figures

    calm = peak_bytes(monitor.program.pid) / MIB
    alone, beside = [], []
    for _ in range(turns):
        alone.append(take())
        # As long as the intake took just now, and a half more.
        with pages(monitor, sizes, alone[-1]["seconds"] * 1.5 + 1) as open_pages:
            time.sleep(1)
            beside.append(take())
            open_pages()
    rate = [one["events"] / one["seconds"] for one in alone]
    with_pages = [one["events"] / one["seconds"] for one in beside]
    return [Row(section, "intake at full speed", {
        "events/s": median(rate), "with pages": median(with_pages),
        "ratio": spread([b / a for a, b in zip(rate, with_pages)]),
        "CPU us an event": median([one["cpu"] / one["events"] * 1e6 for one in alone]),
        "with pages, CPU us": median([one["cpu"] / one["events"] * 1e6 for one in beside]),
        "peak MiB, 2,000/s": calm, "peak MiB": peak_bytes(monitor.program.pid) / MIB})]


def run(options):
    sizes = Sizes(options.smoke)
    rows = []
    with mage(sizes) as source, janitor.folder("api-") as folder:
        server = source.server
        server.psql("CREATE DATABASE ledger OWNER mage")
        for kind, place in (("SQLite", f"sqlite:{folder}/ledger"), ("PostgreSQL", server.dsn("ledger", "mage"))):
            monitor = filled(source, source.programs, place, sizes)
            stream = Stream(monitor.port, sizes)
            rows += answers(f"api: {kind} ledger", monitor, stream, sizes)
            rows += intakes(f"api: intake, {kind} ledger", monitor, server, stream, sizes, options.runs)
            monitor.program.stop()
    return rows


@contextlib.contextmanager
def mage(sizes):
    """A database of Mage's with all runs and triggers, on a server of its own, set up for capture."""
    with Postgres() as server:
        server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        programs = flow.Programs()
        try:
            source = flow.Source(server, SOURCE, programs)
            source.create()
            source.execute(FILL.format(pipelines=sizes.pipelines, runs=sizes.runs))
            source.setup(alone=False)
            yield source
        finally:
            programs.kill_all()


def filled(source, programs, place, sizes, *arguments):
    """A monitor that has heard of all runs."""
    monitor = flow.Monitor(programs, place, *arguments)
    connector = source.connector(f"{monitor.url}/push")
    done = run_program("walpulse-connector", "snapshot", *source.flags(), "--to", f"{monitor.url}/push", "--label",
                       flow.LABEL, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    last = f"{monitor.url}/api/v1/runs/{SOURCE}:{sizes.runs}"
    wait_until(lambda: fetch(last)[0] == 200, 60, "the last run is known", pause=0.5)
    connector.stop()
    total = json.loads(fetch(f"{monitor.url}/api/v1/overview", timeout=30)[1])["pipelines"]["total"]
    [[known]] = source.execute("SELECT count(DISTINCT pipeline_uuid) FROM pipeline_run")
    assert total == known, (total, known)
    return monitor
