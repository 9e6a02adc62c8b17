"""The monitor as a process: what it takes by pull and by push, and what that costs it.

The load (bench/load) makes its messages before the clock runs. "a CPU s" is events by the CPU seconds
of the monitors together: what a core would do. The load's own CPU seconds stand beside it, since on two
cores it takes what the monitor could have had.
"""
import contextlib
import itertools
import pathlib
import urllib.request

from harness import janitor, postgres, programs
from monitor_load import Load
from processes import cpu_of_tree, cpu_seconds, peak_bytes
from report import Row, median

SUBSCRIPTION = "projects/bench-project/subscriptions/monitor"
_schemas = itertools.count(1)


def server_cpu_seconds(server):
    """Of a PostgreSQL server, all its processes."""
    return cpu_of_tree(int((server.data / "postmaster.pid").read_text().split()[0]))


def peak_mib(pid):
    return peak_bytes(pid) / 2**20


class Bench:
    """Where ledgers are, and monitors on them."""

    def __init__(self, folder, server):
        self.folder = pathlib.Path(folder)
        self.server = server

    def ledger(self, kind):
        """The options of an empty ledger."""
        if kind == "memory":
            return ["--ledger", "memory"]
        number = next(_schemas)
        if kind == "sqlite":
            return ["--ledger", f"sqlite:{self.folder / f'ledger{number}.db'}"]
        return ["--ledger", self.server.dsn(), "--ledger-schema", f"bench_{number}"]

    @contextlib.contextmanager
    def monitors(self, ledger, count=1, pull_port=None):
        with contextlib.ExitStack() as stack:
            running = []
            for _ in range(count):
                port = postgres.free_port()
                pull = ["--subscription", SUBSCRIPTION] if pull_port else []
                env = {"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{pull_port}"} if pull_port else {}
                one = programs.Program("walpulse-monitor", "serve", *ledger, *pull, "--http-address",
                                       "127.0.0.1", "--http-port", port, env=env)
                stack.callback(one.stop)
                one.port = port
                running.append(one)
            for one in running:
                programs.wait_until(lambda: answers(one), 30, lambda: one.text())
            yield running

    def pull(self, kind, events, *shape, instances=1):
        load = Load("pull", "--events", events, *shape)
        port = load.port()
        server_before = server_cpu_seconds(self.server) if kind == "postgres" else 0
        with self.monitors(self.ledger(kind), instances, port) as running:
            figures = load.figures()
            figures["monitor_cpu"] = sum(cpu_seconds(one.pid) for one in running)
            figures["peak_mib"] = max(peak_mib(one.pid) for one in running)
            if kind == "postgres":
                figures["server_cpu"] = server_cpu_seconds(self.server) - server_before
        return figures

    def push(self, kind, events, *options):
        with self.monitors(self.ledger(kind)) as (monitor,):
            before = cpu_seconds(monitor.pid)
            figures = Load("push", "--port", monitor.port, "--events", events, *options).figures()
            figures["monitor_cpu"] = cpu_seconds(monitor.pid) - before
            figures["peak_mib"] = peak_mib(monitor.pid)
        if figures["refused"]:
            raise RuntimeError(f"{figures['refused']} pushes were refused")
        return figures


def answers(monitor):
    with contextlib.suppress(OSError):
        with urllib.request.urlopen(f"http://127.0.0.1:{monitor.port}/liveness", timeout=2) as got:
            return got.status == 200
    return False


def row(section, case, runs):
    """The median of each figure."""
    def of(name):
        return median([one[name] for one in runs])
    events = of("events")
    shown = {"events/s": events / of("seconds"), "a CPU s": events / of("monitor_cpu"),
             "load's CPU s": of("cpu_seconds"), "peak MiB": of("peak_mib")}
    if "server_cpu" in runs[0]:
        shown["server's CPU s"] = of("server_cpu")
    if "p50_ms" in runs[0]:
        shown |= {"p50 ms": of("p50_ms"), "p99 ms": of("p99_ms"), "max ms": of("max_ms")}
    return Row(section, case, shown)


def interleaved(section, runs, cases):
    """`cases`: {name: function that runs it once}."""
    done = {name: [] for name in cases}
    for _ in range(runs):
        for name, once in cases.items():
            done[name].append(once())
    return [row(section, name, got) for name, got in done.items()]


def pulls(bench, options):
    few = 2_000 if options.smoke else 0
    size = {"memory": few or 300_000, "sqlite": few or 100_000, "postgres": few or 50_000}
    ledgers = {f"{kind} ledger": lambda kind=kind: bench.pull(kind, size[kind]) for kind in size}
    growth = {}
    shapes = {"each event another run": ["--spread", 100_000],
              "three labels": ["--labels", 3], "a thousand pipelines": ["--pipelines", 1000],
              "30 changes of each run": ["--changes", 30]}
    for name, shape in shapes.items():
        growth[f"memory, {name}"] = lambda shape=shape: bench.pull("memory", size["memory"] // 2,
                                                                   *shape)
    for count in (2, 3):
        growth[f"postgres, {count} instances"] = lambda count=count: bench.pull(
            "postgres", size["postgres"], instances=count)
    return (interleaved("monitor: pull", options.runs, ledgers) +
            interleaved("monitor: pull", 1, growth))


def pushes(bench, options):
    events = 2_000 if options.smoke else 40_000
    cases = {}
    for kind in ("memory", "sqlite", "postgres"):
        cases[f"{kind}, 200 connections"] = lambda kind=kind: bench.push(
            kind, events, "--connections", 200)
        cases[f"{kind}, 200 connections, 2,000/s"] = lambda kind=kind: bench.push(
            kind, events // 8, "--connections", 200, "--rate", 2000)
    return interleaved("monitor: push", options.runs, cases)


def memories(bench, options):
    """One run each: what the process takes beside the ledger's rows, and what a row takes in memory."""
    rows = []
    idle = bench.pull("memory", 1_000)["peak_mib"]
    for kind, changes in (("memory", 1), ("memory", 3), ("sqlite", 1), ("postgres", 1)):
        runs = options.big if kind != "postgres" and changes == 1 else options.big // 4
        figures = bench.pull(kind, runs * changes, "--changes", changes, "--prepared-bytes", 0)
        shown = {"runs": runs, "entries": runs * changes, "peak MiB": figures["peak_mib"]}
        if kind == "memory":
            shown["B an entry"] = (figures["peak_mib"] - idle) * 2**20 / (runs * changes)
        rows.append(Row("monitor: memory", f"{kind}, {changes} changes a run", shown))
    return rows


def run(options):
    with janitor.folder("bench-") as folder, \
            contextlib.closing(Server()) as server:
        bench = Bench(folder, server)
        return pulls(bench, options) + pushes(bench, options) + memories(bench, options)


class Server(postgres.Postgres):
    """As a ledger's server is: what it acknowledges is on its disk."""

    def __init__(self):
        super().__init__(fsync="on", shared_buffers="256MB", max_wal_size="4GB")

    def close(self):
        self.stop()
