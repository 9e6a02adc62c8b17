"""The anchor slot: history to replay, a window of it, kept behind the live slot."""
import json

import pytest

from harness import metrics
from harness.postgres import Postgres
from harness.programs import fetch, run, wait_until
from stand_ins.fault_sink import HANG

pytestmark = pytest.mark.statement("anchor")

SETTINGS = {"max_slot_wal_keep_size": "64MB", "max_wal_size": "64MB", "wal_keep_size": "0"}
HELD, LOST = "walpulse_connector_replay_window_bytes", "walpulse_connector_replay_anchor_lost"


@pytest.fixture(scope="module")
def server():
    """Removes WAL that a slot still wants, beyond 64 MB."""
    with Postgres(**SETTINGS) as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


def anchor(source, columns="confirmed_flush_lsn"):
    return source.server.psql("SELECT " + columns + " FROM pg_replication_slots "
                              f"WHERE slot_name = '{source.slot}_anchor'")


def noise(source, megabytes):
    """WAL of other tables."""
    for _ in range(megabytes):
        source.server.psql("SELECT pg_logical_emit_message(false, 'noise', repeat('x', 1000000))",
                           source.name)
    # A slot's restart position moves from one standby snapshot in the log to the next.
    source.server.psql("SELECT pg_switch_wal()")
    source.server.psql("CHECKPOINT")


def behind(source):
    """Bytes by which the anchor is behind the live slot."""
    return int(source.server.psql(
        "SELECT l.confirmed_flush_lsn - a.confirmed_flush_lsn FROM pg_replication_slots l, "
        f"pg_replication_slots a WHERE l.slot_name = '{source.slot}' "
        f"AND a.slot_name = '{source.slot}_anchor'"))


def status(source):
    done = run("walpulse-connector", "status", *source.flags(), "--json")
    return done.returncode, json.loads(done.stdout)


def served(connector, name):
    values = [value for (found, _), value in metrics.parse(
        fetch(f"{connector.url}/metrics")[1]).items() if found == name]
    return values[0] if values else None


@pytest.mark.core("replay window")
def test_setup_makes_a_permanent_copy_of_the_slot_and_leaves_it_alone_the_next_time(bare_source):
    first = bare_source.setup()
    assert f"created  anchor {bare_source.slot}_anchor" in first
    before = anchor(bare_source, "temporary, plugin, confirmed_flush_lsn, restart_lsn")
    assert before.startswith("f|pgoutput|"), before
    assert behind(bare_source) == 0
    assert "nothing changed" in bare_source.setup()
    assert anchor(bare_source, "temporary, plugin, confirmed_flush_lsn, restart_lsn") == before


@pytest.mark.core("replay window")
def test_the_dbas_script_makes_it_too(bare_source):
    done = run("walpulse-connector", "setup", *bare_source.flags(), "--print-sql")
    for _ in range(2):
        bare_source.server.psql(done.stdout, bare_source.name)
    assert behind(bare_source) == 0
    assert "nothing changed" in bare_source.setup()


def test_without_a_window_there_is_none_and_one_that_exists_is_named(bare_source, sink):
    bare_source.setup("--replay-window", "0")
    assert anchor(bare_source) == ""
    bare_source.setup()
    drop = f"SELECT pg_catalog.pg_drop_replication_slot('{bare_source.slot}_anchor');"
    assert drop in bare_source.setup("--replay-window", "0")
    connector = bare_source.connector(sink.url(), "--replay-window", "0", env=sink.environment())
    wait_until(lambda: drop in connector.text(), 20, connector.text)
    bare_source.server.psql(drop)
    wait_until(lambda: served(connector, HELD) is None, 20, connector.text)
    assert served(connector, LOST) == 0


@pytest.mark.core("replay window")
def test_the_window_is_bounded_by_bytes_and_what_it_holds_is_told(source, sink):
    connector = source.connector(sink.url(), "--replay-window-bytes", "4MiB",
                                 env=sink.environment())
    source.insert_run()
    for _ in range(3):
        noise(source, 5)
        source.insert_run()
        source.wait_confirmed()
        wait_until(lambda: behind(source) <= 4 << 20, 20, lambda: f"{behind(source)} behind")
        assert behind(source) > 3 << 20
    # A second call moves what the slot makes the server keep.
    wait_until(lambda: int(anchor(source, "pg_current_wal_lsn() - restart_lsn")) < 24 << 20, 20,
               lambda: anchor(source, "pg_current_wal_lsn() - restart_lsn"))
    assert 3 << 20 < served(connector, HELD) < 40 << 20
    assert connector.stop() == 0
    code, told = status(source)
    assert code == 0 and told["oldest_replayable_lsn"] == anchor(source), told
    assert told["anchor_retained_wal_bytes"] > 3 << 20, told
    at = told["oldest_replayable_time"]
    assert at and source.execute(
        "SELECT %s::timestamptz BETWEEN now() - interval '1 hour' AND now()", [at])[0][0], told


def test_the_window_is_bounded_by_time(source, sink):
    connector = source.connector(sink.url(), "--replay-window", "2s", env=sink.environment())
    source.insert_run()
    source.wait_confirmed()
    old = source.end_of_log()
    wait_until(lambda: source.server.psql(
        f"SELECT confirmed_flush_lsn >= '{old}' FROM pg_replication_slots "
        f"WHERE slot_name = '{source.slot}_anchor'") == "t", 20,
        lambda: connector.text() + anchor(source))


def test_it_never_passes_the_confirmed_position_while_the_sink_is_down(source, sink):
    connector = source.connector(sink.url(), "--replay-window", "1s", "--replay-window-bytes",
                                 "64KiB", "--drain-deadline", "1s", env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    sink.behave(HANG)
    source.insert_run()
    noise(source, 3)
    seen = []

    def caught_up():  # a window's time ago nothing else was confirmed
        source.insert_run()
        seen.append(behind(source))
        return len(seen) > 10 and seen[-1] == 0

    wait_until(caught_up, 30, lambda: seen, pause=0.3)
    assert min(seen) == 0, seen
    sink.behave("accept")
    source.wait_confirmed()
    assert behind(source) >= 0


def test_one_that_the_server_invalidated_is_told_capture_goes_on_and_setup_makes_it_anew(
        source, sink):
    connector = source.connector(sink.url(), "--replay-window", "6h", "--replay-window-bytes",
                                 "1GiB", env=sink.environment())
    for _ in range(10):
        noise(source, 8)
        source.insert_run()
        source.wait_confirmed()  # so that only the anchor is behind
        source.server.psql("CHECKPOINT")
        if anchor(source, "wal_status") == "lost":
            break
    assert anchor(source, "wal_status") == "lost" and source.slot_row("wal_status") != "lost"
    wait_until(lambda: served(connector, LOST) == 1, 20, connector.text)
    assert connector.text().count("the anchor is invalidated") == 1, connector.text()
    assert "walpulse-connector setup" in connector.text()
    assert fetch(f"{connector.url}/readiness")[0] == 200
    code, told = status(source)
    assert code == 0 and told["oldest_replayable_lsn"] is None, told
    done = run("walpulse-connector", "doctor", *source.flags(), "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["anchor"]["level"] == "warn" and "setup" in checks["anchor"]["remedy"], checks
    assert checks["wal_keep_size"]["level"] == "warn", checks

    assert "created  anchor" in source.setup()
    wait_until(lambda: served(connector, LOST) == 0, 20, connector.text)
    source.insert_run()
    source.wait_confirmed()
    assert connector.running() and connector.stop() == 0
    assert len(set(sink.ids())) == source.change_count()


def test_teardown_drops_it(bare_source):
    bare_source.setup()
    done = run("walpulse-connector", "teardown", *bare_source.flags(), "--admin-dsn",
               bare_source.owner_dsn, "--yes")
    assert done.returncode == 0, done.stderr
    assert anchor(bare_source) == "" and bare_source.slot_row() == ""
