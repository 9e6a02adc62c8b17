"""A test's database and the programs around it, from the WAL to the metrics."""
import json
import time

import psycopg

from harness import metrics
from harness.postgres import free_port
from harness.programs import Program, fetch, run, wait_until

PROCESSED = "walpulse_event_processed_count_total"
LABEL = "partner=variables.partner"
SETTLE = "1s"
# What a monitor that was killed, or had no ledger, was given comes again after Pub/Sub's shortest
# acknowledgement deadline of 10 s: no later than this, an insert behind its updates among it.
REDELIVERY_SETTLE = "30s"
TABLES = "pipeline_run", "pipeline_schedule", "block_run"  # Mage's, as setup captures them
SERVED_SECONDS = 1.2  # the monitor shows what it read from the ledger for a second


class Programs:
    """Starts programs and knows them all."""

    def __init__(self):
        self.started = []

    def start(self, program, *arguments, env=None):
        self.started.append(Program(program, *arguments, env=env))
        return self.started[-1]

    def kill_all(self):
        for program in self.started:
            program.kill()


class Source:
    """One of Mage's databases, its capture role, slot and publication."""

    def __init__(self, server, name, programs):
        self.server, self.name, self.programs = server, name, programs
        self.slot = name
        self.epoch = 0
        self.dsn = server.dsn(name, "walpulse")
        self.owner_dsn = server.dsn(name, "mage")

    def create(self):
        self.server.psql(f"CREATE DATABASE {self.name} OWNER mage")
        self.server.psql("ALTER SCHEMA public OWNER TO mage", self.name)
        self._mage_sim("init")
        self.execute(f"GRANT SELECT ON {', '.join(TABLES)} TO walpulse")

    def drop(self):
        """The slot as well: a left slot would hold every other test's WAL."""
        wait_until(lambda: not self.server.psql(
            f"SELECT 1 FROM pg_replication_slots WHERE database = '{self.name}' AND active"),
            20, "the slots are let go")
        self.server.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                         f"WHERE database = '{self.name}'")
        self.server.psql(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _mage_sim(self, command, *arguments, timeout=300):
        done = run("mage_sim", command, "--dsn", self.owner_dsn, *arguments, timeout=timeout)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # Mage's side

    def simulate(self, *arguments, timeout=300):
        return self._mage_sim("run", *arguments, timeout=timeout)

    def simulate_past(self, *arguments):
        """As a superuser, who may say when something was committed: for --history."""
        done = run("mage_sim", "run", "--dsn", self.server.dsn(self.name), *arguments, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_simulation(self, *arguments):
        return self.programs.start("mage_sim", "run", "--dsn", self.owner_dsn, *arguments)

    def connect(self, **options):
        """A connection as Mage's role; each statement is its own transaction."""
        return psycopg.connect(self.owner_dsn, autocommit=True, **options)

    def execute(self, sql, parameters=None):
        """One statement in one transaction, as Mage's role; returns its rows, if it has any."""
        with self.connect() as connection:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def insert_run(self, **columns):
        """One run; returns its id."""
        columns = {"pipeline_uuid": "daily_sales", "status": "INITIAL", "passed_sla": False,
                   **columns}
        return self.execute(
            f"INSERT INTO pipeline_run ({', '.join(columns)}) "
            f"VALUES ({', '.join('%s' for _ in columns)}) RETURNING id",
            list(columns.values()))[0][0]

    def insert_runs(self, count, pipeline="daily_sales"):
        """Many in one transaction, as INSERT ... SELECT."""
        self.execute("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla) "
                     f"SELECT %s, 'INITIAL', false FROM generate_series(1, {count})", [pipeline])

    def change_count(self):
        """How many changes were committed, as the audit knows."""
        return self.execute("SELECT count(*) FROM walpulse_truth.audit")[0][0]

    def change_count_of_all(self):
        """The same of all three tables."""
        return self.change_count() + self.execute(
            "SELECT (SELECT count(*) FROM walpulse_truth.trigger_audit WHERE op <> 's') + "
            "(SELECT count(*) FROM walpulse_truth.block_audit WHERE op <> 's')")[0][0]

    def truth(self):
        return metrics.parse_truth(self._mage_sim("truth", "--json"))

    def truth_of(self, what):
        """Rows of `triggers`, `blocks`, `failures` or `block_ends`."""
        return json.loads(self._mage_sim("truth", "--of", what, "--json"))

    # Capture's side

    def setup(self, *arguments, slot=None, alone=True):
        """Of the runs alone, unless told otherwise: most tests count events. Another slot has a publication
        and a name of its own."""
        chosen = ["--table", TABLES[0]] if alone and "--table" not in arguments else []
        done = run("walpulse-connector", "setup", *self.flags(slot), "--admin-dsn", self.owner_dsn,
                   *(["--name", slot] if slot else []), *chosen, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        comments = self.execute("SELECT obj_description(oid, 'pg_publication') FROM pg_publication")
        self.epoch = max(json.loads(comment)["epoch"] for comment, in comments)
        return done.stdout

    def flags(self, slot=None):
        """Where to capture from; another slot has a publication of its own."""
        if slot:
            return "--dsn", self.dsn, "--slot", slot, "--publication", slot
        return "--dsn", self.dsn, "--slot", self.slot

    def connector(self, to, *arguments, env=None, slot=None, label=LABEL):
        """Starts `run`; its probes are at .url."""
        port = free_port()
        program = self.programs.start(
            "walpulse-connector", "run", *self.flags(slot), "--to", to,
            *(["--label", label] if label else []), "--http-address", "127.0.0.1", "--http-port",
            port, "--heartbeat", "1s", "--log-format", "json", *arguments, env=env)
        program.url = f"http://127.0.0.1:{port}"
        return program

    def slot_row(self, columns="confirmed_flush_lsn, active"):
        return self.server.psql(
            f"SELECT {columns} FROM pg_replication_slots WHERE slot_name = '{self.slot}'")

    def end_of_log(self):
        return self.server.psql("SELECT pg_current_wal_insert_lsn()")

    def confirmed(self, lsn):
        """Whether the slot has confirmed everything up to `lsn`."""
        return self.server.psql(
            f"SELECT confirmed_flush_lsn >= '{lsn}' FROM pg_replication_slots "
            f"WHERE slot_name = '{self.slot}'") == "t"

    def wait_confirmed(self, seconds=60):
        """Until everything written so far is delivered and confirmed."""
        lsn = self.end_of_log()
        wait_until(lambda: self.confirmed(lsn), seconds,
                   lambda: f"{lsn} confirmed: {self.slot_row()}", pause=0.1)


class Monitor:
    """walpulse-monitor on one port and one ledger, to be started, killed and started again."""

    def __init__(self, programs, ledger, *arguments, env=None, port=None):
        self.programs, self.port, self.env = programs, port or free_port(), env
        self.url = f"http://127.0.0.1:{self.port}"
        settle = [] if "--settle" in arguments else ["--settle", SETTLE]
        self.arguments = ["serve", "--ledger", ledger, "--http-address", "127.0.0.1",
                          "--http-port", self.port, "--log-format", "json", *settle, *arguments]
        self.program = None
        self.start()

    def start(self):
        self.program = self.programs.start("walpulse-monitor", *self.arguments, env=self.env)
        wait_until(lambda: self.ready() or not self.program.running(), 20,
                   lambda: "the monitor is ready:\n" + self.program.text())
        assert self.program.running(), self.program.text()

    def ready(self):
        return fetch(f"{self.url}/readiness")[0] == 200

    def metrics(self):
        """As served: what was read from the ledger serves for a second."""
        status, text = fetch(f"{self.url}/metrics", timeout=20)
        return metrics.parse(text) if status == 200 else {}

    def total(self, name, **labels):
        """The sum of a metric's series that have these labels."""
        return sum(value for (found, pairs), value in self.metrics().items()
                   if found == name and set(labels.items()) <= set(pairs))

    def settled(self):
        """metrics() that show everything acknowledged before the call."""
        time.sleep(SERVED_SECONDS)
        return self.metrics()

    def wait_total(self, wanted, name, seconds=10, **labels):
        wait_until(lambda: self.total(name, **labels) == wanted, seconds,
                   lambda: f"{name} {labels} is {self.total(name, **labels)}, not {wanted}")

    def wait_equal(self, source, seconds=120, ages=True):
        """Until every series that the truth knows is what the truth says; without `ages` where the
        monitor's clock is its own."""
        chosen = dict if ages else metrics.without_ages
        truth = chosen(source.truth())
        assert truth, "the truth is empty"
        rows = []

        def equal():
            rows[:] = metrics.differences(truth, chosen(self.metrics()))
            return not rows

        wait_until(equal, seconds, lambda: describe(rows), pause=0.2)


class Fleet(Monitor):
    """Monitors that share a ledger: the one that leads shows its series."""

    def __init__(self, monitors):
        self.monitors = monitors

    def metrics(self):
        for monitor in self.monitors:
            shown = monitor.metrics()
            if any(name == PROCESSED for name, _ in shown):
                return shown
        return {}


def describe(rows):
    return f"{len(rows)} series differ (name, labels, truth, monitor):\n" + "\n".join(
        map(str, rows[:20]))


def is_last(event):
    """The run that a test inserts last, to know that it has seen everything."""
    return (event.get("after") or {}).get("pipeline_uuid") == "the_last"


def stdout_events(source, *arguments, until=is_last, seconds=30, label=LABEL):
    """The events that `run --to stdout` prints, up to the one for which `until` is true."""
    command = source.programs.start(
        "walpulse-connector", "run", *source.flags(), "--to", "stdout",
        *(["--label", label] if label else []), *arguments)
    events = []

    def seen():
        events[:] = [json.loads(line) for line in command.text(lines=1_000_000).splitlines()
                     if line.startswith('{"op":')]
        assert command.running() or any(map(until, events)), command.text()
        return any(map(until, events))

    wait_until(seen, seconds, lambda: f"the last event among {len(events)}:\n" + command.text())
    assert command.stop() == 0, command.text()
    return events
