"""What each fault of the schedule does to the world, and how it ends."""
import contextlib
import signal

import psycopg

from harness import replays, snapshots
from harness.chaos_delivery import envelope, push
from harness.programs import wait_until

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


def _receiver(receiver, kind):
    receiver.trouble = kind

    def end():
        receiver.trouble = None
    return end


# Networks

def _network(proxy, kind):
    if kind == "slow":
        proxy.latency, proxy.bytes_per_second = 0.05, 100_000
    else:
        getattr(proxy, kind)()
    return None if kind == "reset" else proxy.restore


# Wall clocks: the connectors', which only heartbeats tell, and the source's, in each commit

def _clock(clock, kind):
    clock.jump({"jump_forth": "+2h", "jump_back": "-2h"}[kind])
    return lambda: clock.jump("+0")


# Away for an hour, as it were, and their ledger with them

def _all_monitors_away(world):
    for one in world.monitors:
        one.hold()

    def end():
        for one in world.monitors:
            one.release()
    return end


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


# What a careless administrator leaves behind for whoever logs in as capture's role
_SETTINGS = {
    "timeouts": {"statement_timeout": "1ms", "lock_timeout": "1ms",
                 "idle_in_transaction_session_timeout": "1ms", "idle_session_timeout": "1s"},
    "formats": {"DateStyle": "German", "TimeZone": "Asia/Tokyo", "IntervalStyle": "sql_standard",
                "bytea_output": "escape", "extra_float_digits": "-5"},
    "names": {"search_path": "nowhere", "quote_all_identifiers": "on",
              "client_min_messages": "error"}}


def _role(world, kind):
    """For the sessions that begin from now on; those there are end."""
    def administer(*statements):
        def done():
            with contextlib.suppress(RuntimeError):  # psql's: the server may just be away
                world.server.psql(";".join(statements))
                return True
            return False
        wait_until(done, 30, "the source takes a setting", pause=0.5)

    administer(*[f"ALTER ROLE walpulse SET {name} = '{value}'"
                 for name, value in _SETTINGS[kind].items()], _STATEMENTS["end_backends"])
    return lambda: administer("ALTER ROLE walpulse RESET ALL")


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


# Guests on the topic: another system that bears the source's name, and a monitor with a new ledger

def _guest_stranger(world):
    return world.stranger.visit()


def _guest_monitor(world):
    world.invite_monitor()
    for statement in world.late_monitor.lives():
        _sql(world, statement)


# The table: what Mage's migrations and a careless script do

def _sql(world, *statements):
    """In one transaction; as Mage's role."""
    def done():
        # The server may just be away, or the table.
        with contextlib.suppress(psycopg.OperationalError, psycopg.errors.UndefinedTable):
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


_AWAY = "pipeline_run_away"


def _table_rename(world):
    """There, with writes between, and back. Whoever writes by its name meanwhile fails."""
    _sql(world, f"ALTER TABLE IF EXISTS pipeline_run RENAME TO {_AWAY}")
    _sql(world, _ROWS.format(50).replace("pipeline_run", _AWAY),
         f"UPDATE {_AWAY} SET status = 'CANCELLED' "
         "WHERE pipeline_uuid = 'torture' AND status = 'INITIAL'")
    return lambda: _sql(world, f"ALTER TABLE IF EXISTS {_AWAY} RENAME TO pipeline_run")


def _table_change_keys(world):
    _sql(world, _ROWS.format(200),
         "UPDATE pipeline_run SET id = nextval('pipeline_run_id_seq') "
         "WHERE pipeline_uuid = 'torture' AND status = 'INITIAL'",
         "UPDATE pipeline_run SET status = 'CANCELLED' "
         "WHERE pipeline_uuid = 'torture' AND status = 'INITIAL'")


_GENERAL = {
    "connector": lambda world, fault: _process(world.connectors[fault.instance], fault.kind),
    "monitor": lambda world, fault: _process(world.monitors[fault.instance], fault.kind),
    "clock": lambda world, fault: _clock(world.clock, fault.kind),
    "source clock": lambda world, fault: _clock(world.source_clock, fault.kind),
    "role": lambda world, fault: _role(world, fault.kind),
    "source": lambda world, fault: _server(world.server, fault.kind),
    "ledger": lambda world, fault: _server(world.ledger_server, fault.kind),
    "source network": lambda world, fault: _network(world.source_network, fault.kind),
    "ledger network": lambda world, fault: _network(world.ledger_network, fault.kind),
    "topic": lambda world, fault: _topic(world.topic_front, fault.kind),
    "receiver": lambda world, fault: _receiver(world.receiver, fault.kind),
    "receiver network": lambda world, fault: _network(world.receiver_network, fault.kind),
    "topic network": lambda world, fault: _network(world.topic_network, fault.kind),
    "subscription network": lambda world, fault: _network(world.subscription_network, fault.kind),
}
