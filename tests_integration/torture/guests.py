"""Guests on the topic: another system that bears the source's name, and a monitor whose ledger is new."""
import contextlib

from harness import flow, janitor
from harness.postgres import Postgres, free_port
from harness.programs import Program, fetch, wait_until
from torture.supervisor import Supervised

RUNS = 40


class Stranger:
    """A second cluster whose database, slot and publication are named as the source's, and whose
    connector publishes to the same topic for a while. Nothing of it may be counted."""

    PIPELINE = "stranger"

    def __init__(self, sink, environment, epoch):
        self.sink, self.environment, self.source_epoch = sink, environment, epoch
        self.visits = 0

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.server = self.stack.enter_context(Postgres())
        self.server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        self.source = flow.Source(self.server, "mage", None)
        self.source.create()
        # An epoch is a second: two of one second are one history's to every reader.
        wait_until(lambda: int(self.server.psql("SELECT floor(extract(epoch FROM now()))"))
                   >= self.source_epoch, 10, "the source's epoch is over")
        self.source.setup()
        assert self.source.epoch != self.source_epoch
        return self

    def __exit__(self, *_):
        self.stack.close()

    def visit(self):
        """Writes and publishes; returns what ends it."""
        self.visits += 1
        self.source.insert_runs(RUNS, self.PIPELINE)
        self.source.execute("UPDATE pipeline_run SET status = 'FAILED'")
        connector = Program("walpulse-connector", "run", *self.source.flags(), "--to", self.sink,
                            "--label", flow.LABEL, "--http-address", "127.0.0.1", "--http-port",
                            free_port(), "--heartbeat", "1s", env=self.environment)
        self.stack.callback(connector.kill)
        return connector.stop


class LateMonitor:
    """A monitor with a subscription and a ledger of its own, both made in mid-run."""

    def __init__(self, emulator, topic, number, *arguments):
        self.emulator, self.pipeline = emulator, f"late_{number}"
        self.subscription, self.port = f"late-{number}", free_port()
        self.stack = contextlib.ExitStack()
        folder = self.stack.enter_context(janitor.folder("late-"))
        name = emulator.create_subscription(self.subscription, topic, ack_seconds=10)
        self.monitor = Supervised(
            "walpulse-monitor", "serve", "--ledger", f"sqlite:{folder}/ledger", "--subscription",
            name, "--http-address", "127.0.0.1", "--http-port", self.port, "--log-format", "json",
            "--export", "prometheus", *arguments, env=emulator.environment())
        self.stack.callback(self.monitor.kill)

    def served(self):
        status, text = fetch(f"http://127.0.0.1:{self.port}/metrics", timeout=10)
        return text if status == 200 else ""

    def lives(self):
        """Statements, each a transaction: runs that begin and end after it began."""
        yield ("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla) "
               f"SELECT '{self.pipeline}', 'INITIAL', false FROM generate_series(1, {RUNS})")
        for assignments, quarters in (
                ("status = 'RUNNING', started_at = clock_timestamp()", 3), ("status = 'FAILED'", 2),
                ("status = 'RUNNING'", 1), ("status = 'COMPLETED', completed_at = now()", 1)):
            yield (f"UPDATE pipeline_run SET {assignments} "
                   f"WHERE pipeline_uuid = '{self.pipeline}' AND id % 4 < {quarters}")

    def leave(self):
        """The emulator keeps what nobody asks for: the subscription goes too."""
        self.stack.close()
        with contextlib.suppress(OSError):
            self.emulator.call("DELETE", f"subscriptions/{self.subscription}")
