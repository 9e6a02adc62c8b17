"""What each fault of the schedule does to the world, and how it ends."""
import contextlib
import signal

import psycopg

import replays
import snapshots
from late_and_double import envelope, push
from programs import wait_until

MANY_ROWS = 3_000


def strike(world, fault):
    """Begins the fault; returns what ends it, or None for an instant's."""
    kind = "_".join([*fault.target.split(), fault.kind])
    special = globals().get(f"_{kind}")
    if special:
        return special(world)
    return _GENERAL[fault.target](world, fault)


# Processes

_SIGNALS = {"kill": signal.SIGKILL, "terminate": signal.SIGTERM, "stop": signal.SIGSTOP}


def _process(one, kind):
    one.signal(_SIGNALS[kind])
    if kind == "stop":
        return lambda: one.signal(signal.SIGCONT)
    return None


def _emulator_stop(world):
    world.emulator.process.send_signal(signal.SIGSTOP)
    return lambda: world.emulator.process.send_signal(signal.SIGCONT)


def _topic(front, kind):
    front.trouble = int(kind) if kind.isdigit() else kind

    def end():
        front.trouble = None
    return end


# Networks

def _network(proxy, kind):
    if kind == "slow":
        proxy.latency, proxy.bytes_per_second = 0.05, 100_000
    else:
        getattr(proxy, kind)()
    return None if kind == "reset" else proxy.restore


# The connectors' wall clock; heartbeats tell it, and nothing else may depend on it

def _clock_jump_forth(world):
    world.clock.jump("+2h")
    return lambda: world.clock.jump("+0")


def _clock_jump_back(world):
    world.clock.jump("-2h")
    return lambda: world.clock.jump("+0")


# Servers

_STATEMENTS = {
    "end_backends": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE usename IN ('walpulse', 'ledger')",
    "end_walsender": "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
                     "WHERE active_pid IS NOT NULL",
    "log_switch": "SELECT pg_switch_wal(); CHECKPOINT;"}


def _server(server, kind):
    if kind.startswith("restart_"):
        mode = kind.removeprefix("restart_")
        server.shut(mode)
        server.start()
        return
    with contextlib.suppress(RuntimeError):  # psql's: its disk may be full at that
        server.psql(_STATEMENTS[kind])


def _source_disk_full(world):
    """A server that cannot write its log panics; whoever runs it starts it again."""
    world.disk.fill(world.server.data)

    def end():
        world.server.await_end(5)
        world.disk.free()
        world.server.start()
    return end


def _cloud_monitoring_fail(world):
    world.monitoring.fail_with(503, times=4)


# Messages that come once more, late, to whichever monitor

def _delivery_again(world):
    for index, message in enumerate(world.topic.some(100)):
        url = world.monitor_urls[index % len(world.monitor_urls)]
        with contextlib.suppress(OSError):
            push(f"{url}/push", envelope(message), timeout=2)


# What an operator does: history once more, and rows as state. Killed if it takes too long

def _history_replay(world):
    with contextlib.suppress(RuntimeError):  # psql's: the server may just be away
        return world.operate(replays.arguments(
            world.source, "--from", replays.oldest(world.source), "--to", world.sink))
    return None


def _history_snapshot(world):
    return world.operate(snapshots.arguments(world.source, world.sink))


# The table: what Mage's migrations and a careless script do

def _sql(world, *statements):
    """In one transaction; as Mage's role."""
    def done():
        with contextlib.suppress(psycopg.OperationalError):  # the server may just be away
            with psycopg.connect(world.source.owner_dsn, connect_timeout=5) as connection:
                for statement in statements:
                    connection.execute(statement)
            return True
        return False
    wait_until(done, 30, "the source takes a transaction", pause=0.5)


def _table_add_column(world):
    _sql(world, "ALTER TABLE pipeline_run ADD COLUMN IF NOT EXISTS torture text DEFAULT 'x'")


def _table_drop_column(world):
    _sql(world, "ALTER TABLE pipeline_run DROP COLUMN IF EXISTS torture")


_ROWS = ("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla, created_at) "
         "SELECT 'torture', 'INITIAL', false, now() FROM generate_series(1, {})")


def _table_many_rows(world):
    _sql(world, _ROWS.format(MANY_ROWS),
         "UPDATE pipeline_run SET status = 'CANCELLED' "
         "WHERE pipeline_uuid = 'torture' AND status = 'INITIAL'")


def _table_roll_back(world):
    _sql(world, _ROWS.format(MANY_ROWS), "ROLLBACK")


def _table_savepoints(world):
    _sql(world, _ROWS.format(5), "SAVEPOINT a", _ROWS.format(7), "SAVEPOINT b", _ROWS.format(11),
         "ROLLBACK TO SAVEPOINT b", _ROWS.format(3), "RELEASE SAVEPOINT a")


_GENERAL = {
    "connector": lambda world, fault: _process(world.connectors[fault.instance], fault.kind),
    "monitor": lambda world, fault: _process(world.monitors[fault.instance], fault.kind),
    "source": lambda world, fault: _server(world.server, fault.kind),
    "ledger": lambda world, fault: _server(world.ledger_server, fault.kind),
    "source network": lambda world, fault: _network(world.source_network, fault.kind),
    "ledger network": lambda world, fault: _network(world.ledger_network, fault.kind),
    "topic": lambda world, fault: _topic(world.topic_front, fault.kind),
    "topic network": lambda world, fault: _network(world.topic_network, fault.kind),
    "subscription network": lambda world, fault: _network(world.subscription_network, fault.kind),
}
