"""Everything of a torture run: databases, broker, Cloud Monitoring, networks, programs, watchers."""
import contextlib
import itertools
import os
import pathlib
import tempfile

from harness import flow, janitor
from harness.emulator import PROJECT, Emulator
from harness.postgres import Postgres, free_port
from harness.programs import Program, fetch, wait_until
from stand_ins.cloud_monitoring import CloudMonitoring
from stand_ins.fake_clock import Clock
from stand_ins.fault_proxy import FaultProxy
from stand_ins.full_disk import FullDisk
from stand_ins.pubsub_rules import PubsubRules
from torture import told
from torture.guests import LateMonitor, Stranger
from torture.schedule import INSTANCES
from torture.slot_observer import SlotObserver
from torture.supervisor import Repeated, Supervised
from torture.topic_observer import TopicObserver

TOPIC = "runs"
PIPELINES = 12
EXPORT_SECONDS = 10
# Three times what one redelivery takes: faults strike one after another, and on a slow machine the emulator
# hands what it owes over for longer than flow.REDELIVERY_SETTLE.
SETTLE = "90s"
# People do more by hand here than Mage's users do.
ODDS = {"change_key": 0.02, "rename_table": 0.005, "early": 0.2, "delete_trigger": 0.01}


def _emulator_at(network):
    return {"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{network.port}", "PUBSUB_PROJECT_ID": PROJECT}


def _preloading(*environments):
    """The environments of several libraries that are loaded before a program's own; a clock's comes last, as it
    brings libc too."""
    merged = {}
    for each in environments:
        merged.update(each)
    merged["LD_PRELOAD"] = ":".join(each["LD_PRELOAD"] for each in environments)
    return merged


class World:
    """Enter it to start everything; leaving it stops everything, whatever state it is in."""

    def __init__(self, seed, rate, emulator_memory):
        self.seed, self.rate, self.emulator_memory = seed, rate, emulator_memory
        self.stack = contextlib.ExitStack()
        self.connectors, self.monitors = [], []
        self.operations = []   # replays and snapshots
        self.late_monitor = None
        self.past = set()      # runs that a replay or a snapshot told of while there were faults
        self.numbers = itertools.count(1)

    def __enter__(self):
        try:
            self._start_parts()
            self._start_programs()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _start_parts(self):
        enter = self.stack.enter_context
        self.clock, self.source_clock = enter(self._clock()), enter(self._clock())
        self.disk = enter(FullDisk())
        self.server = enter(Postgres(environment=_preloading(self.disk.environment(),
                                                             self.source_clock.environment())))
        self.ledger_server = enter(Postgres(wal_level="replica"))
        self.server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        self.ledger_server.psql("CREATE ROLE ledger LOGIN; CREATE DATABASE ledger OWNER ledger;")
        self.emulator = enter(Emulator(memory=self.emulator_memory))
        self.monitoring = enter(CloudMonitoring())
        self.source_network = enter(FaultProxy(self.server.port))
        self.ledger_network = enter(FaultProxy(self.ledger_server.port))
        self.topic_front = enter(PubsubRules(self.emulator))
        self.topic_network = enter(FaultProxy(self.topic_front.port))
        self.subscription_network = enter(FaultProxy(self.emulator.port))
        self.receiver = enter(told.Receiver())
        self.receiver_network = enter(FaultProxy(self.receiver.port))
        self.rules = pathlib.Path(enter(janitor.folder("rules-"))) / "rules.toml"
        self.rules.write_text(told.rules(f"http://127.0.0.1:{self.receiver_network.port}"))

        self.sink = self.emulator.create_topic(TOPIC)
        self.subscription = self.emulator.create_subscription("monitors", TOPIC, ack_seconds=10)
        self.emulator.create_subscription("observer", TOPIC, ordered=True)

        self.source = flow.Source(self.server, "mage", None)
        self.source.create()
        self.source.setup(alone=False)
        self.stranger = enter(Stranger(self.sink, self.emulator.environment(), self.source.epoch))

    def _clock(self):
        """In a folder that a server's user may read."""
        folder = self.stack.enter_context(janitor.folder("clock-"))
        os.chmod(folder, 0o755)
        return Clock(pathlib.Path(folder))

    def _start_programs(self):
        own = self.stack.callback
        self.topic = TopicObserver(self.emulator, "observer", self.source.epoch)
        own(self.topic.stop)
        self.slot = SlotObserver(self.server.dsn(), self.source.slot)
        own(self.slot.stop)
        self.monitor_urls = []
        for _ in range(INSTANCES["monitor"]):
            port = free_port()
            self.monitor_urls.append(f"http://127.0.0.1:{port}")
            self.monitors.append(Supervised(
                "walpulse-monitor", "serve",
                "--ledger", self.ledger_network.dsn(self.ledger_server.dsn("ledger", "ledger")),
                "--subscription", self.subscription, "--http-address", "127.0.0.1",
                "--http-port", port, "--log-format", "json", "--settle", SETTLE, "--rules", self.rules,
                "--export", "cloud-monitoring",
                "--export-interval", f"{EXPORT_SECONDS}s", "--project", self.monitoring.project,
                "--location", "global", "--monitoring-endpoint", self.monitoring.url,
                env=_emulator_at(self.subscription_network)))
            own(self.monitors[-1].kill)
        for _ in range(INSTANCES["connector"]):
            self.connectors.append(Supervised(
                "walpulse-connector", "run", "--dsn", self.source_network.dsn(self.source.dsn),
                "--slot", self.source.slot, "--to", self.sink, "--label", flow.LABEL,
                "--http-address", "127.0.0.1", "--http-port", free_port(), "--heartbeat", "1s",
                "--park-after", "3s", "--log-format", "json",
                env={**_emulator_at(self.topic_network), **self.clock.environment()}))
            own(self.connectors[-1].kill)
        wait_until(lambda: any("walpulse_flow_heartbeat_age" in fetch(f"{url}/metrics", timeout=5)[1]
                               for url in self.monitor_urls), 60,
                   lambda: "a monitor leads, and hears of the source:\n" + self.logs())
        told.end_of_the_past(self, SETTLE)
        self.mage = Repeated("mage_sim", lambda n: [
            "run", "--dsn", self.source.owner_dsn, "--pipelines", PIPELINES, "--concurrency", 4,
            "--rate", self.rate, "--seed", self.seed * 1000 + n, "--blocks",
            *(part for name, value in ODDS.items() for part in ("--odds", f"{name}={value}"))])
        own(self.mage.stop)

    def operate(self, arguments):
        """Starts a command of the connector's; returns what kills it if it still runs."""
        program = Program("walpulse-connector", *map(self.source_network.dsn, arguments),
                          env=_emulator_at(self.topic_network))
        self.operations.append(program)
        self.stack.callback(program.kill)
        return program.kill

    def invite_monitor(self):
        """Another one, with a ledger of its own, in place of the last."""
        if self.late_monitor:
            self.late_monitor.leave()
        self.late_monitor = LateMonitor(self.emulator, TOPIC, next(self.numbers),
                                        "--settle", SETTLE)
        self.stack.callback(self.late_monitor.leave)
        wait_until(self.late_monitor.served, 60, "the late monitor serves")

    def leader(self):
        """The /metrics of the monitor that shows the ledger; empty where none does."""
        for url in self.monitor_urls:
            status, text = fetch(f"{url}/metrics", timeout=5)
            if status == 200 and "walpulse_event_processed_count_total" in text:
                return text
        return ""

    def logs(self, lines=15):
        return "\n".join(f"--- {one.program.name} {one.program.pid}, exits {one.exits}\n"
                         + one.program.text(lines) for one in self.connectors + self.monitors)

    def keep_logs(self):
        """Copies the programs' logs to a folder that stays behind, and returns it."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="walpulse-torture-"))
        for index, one in enumerate(self.connectors + self.monitors):
            text = one.program.text(lines=10_000_000)
            (folder / f"{index}-{one.program.name}.log").write_text(text)
        os.chmod(folder, 0o755)
        return folder
