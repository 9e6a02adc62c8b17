"""Two readers of one slot: `pg_recvlogical` into /dev/null, and `walpulse-connector` into a sink."""
import dataclasses
import subprocess
import time

from prefilled import PUBLICATION
from processes import Watch, cpu_by_thread, cpu_seconds
from harness.programs import Program

LOOK = 0.03
LONGEST = 600


@dataclasses.dataclass
class Drain:
    """Seconds from the start of the program to its last change."""
    seconds: float
    count: int
    cpu: dict
    peak: dict
    threads: dict = dataclasses.field(default_factory=dict)
    requests: int = 0

    @property
    def rate(self):
        return self.count / self.seconds


def _follow(watch, prefilled, slot, done):
    """Looks until `done`; the walsender joins as soon as it is there."""
    deadline = time.monotonic() + LONGEST
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not drained within {LONGEST} s")
        if "walsender" not in watch.pids and (pid := prefilled.walsender(slot)):
            watch.add("walsender", pid)
        watch.look()
        time.sleep(LOOK)
    watch.look()


def recvlogical_command(prefilled, slot, *more):
    return [prefilled.server.bin / "pg_recvlogical", "-d", prefilled.source.dsn, "-S", slot, "--start", "-n",
            "-o", "proto_version=1", "-o", f"publication_names={PUBLICATION}", *more]


def recvlogical(prefilled, shape):
    slot = prefilled.copy(shape)
    began = time.monotonic()
    process = subprocess.Popen(
        recvlogical_command(prefilled, slot, "-f", "/dev/null", "-E", shape.end),
        stderr=subprocess.PIPE, text=True)
    watch = Watch(reader=process.pid)
    ended = []

    def done():
        if process.poll() is not None and not ended:
            ended.append(time.monotonic())
        return bool(ended)

    _follow(watch, prefilled, slot, done)
    errors = process.stderr.read()
    process.stderr.close()
    if process.returncode != 0:
        raise RuntimeError(f"pg_recvlogical: {errors}")
    prefilled.drop(slot)
    return Drain(ended[0] - began, shape.count, watch.cpu, watch.peak)


def connector(prefilled, shape, sink, *flags):
    """Into a LocalSink of this run's own; ends when it has the last change."""
    counts = {}

    def last_change():
        counts.update(sink.counts())
        # The first heartbeat is one more.
        return counts["last_at"] / 1e6 if counts["messages"] > shape.count else None

    drain = _connector(prefilled, shape, sink, lambda slot: last_change, flags)
    drain.requests = counts["requests"]
    return drain


def connector_confirmed(prefilled, shape, sink, *flags):
    """Into any sink; ends when the slot has confirmed the last change."""
    def confirmed_on(slot):
        return lambda: time.time() if prefilled.sql(
            f"SELECT confirmed_flush_lsn >= '{shape.end}' FROM pg_replication_slots "
            f"WHERE slot_name = '{slot}'") == "t" else None

    return _connector(prefilled, shape, sink, confirmed_on, flags)


def _connector(prefilled, shape, sink, ended_on, flags):
    slot = prefilled.copy(shape)
    ended, has_ended = [], ended_on(slot)
    began = time.time()
    program = Program("walpulse-connector", *prefilled.run_flags(slot), "--to", sink.URL, *flags,
                      env=sink.environment())
    try:
        watch = Watch(reader=program.pid, sink=sink.pid)
        sinks_cpu = cpu_seconds(sink.pid)

        def done():
            if not program.running():
                raise RuntimeError(program.text())
            if at := has_ended():
                ended.append(at)
            return bool(ended)

        _follow(watch, prefilled, slot, done)
        watch.cpu["sink"] -= sinks_cpu
        threads = cpu_by_thread(program.pid)
        if program.stop() != 0:
            raise RuntimeError(program.text())
    finally:
        program.kill()
    prefilled.drop(slot)
    return Drain(ended[0] - began, shape.count, watch.cpu, watch.peak, threads)
