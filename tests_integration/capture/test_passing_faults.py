"""Faults for which waiting is enough: the role is refused another ordinary connection while its
stream is healthy; a file of the server's is away for a while though the slot still holds it."""
import contextlib
import os
import time

import pytest

from harness import replays
from harness.postgres import Postgres
from harness.programs import fetch, wait_until

pytestmark = pytest.mark.statement("passing-faults")


@pytest.fixture(scope="module")
def server():
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


def ordinary(source):
    return source.server.psql(
        "SELECT pid FROM pg_stat_activity WHERE usename = 'walpulse' AND "
        f"datname = '{source.name}' AND backend_type = 'client backend'").split()


@pytest.mark.core("restarts")
@pytest.mark.parametrize("refuse, allow", [
    ("ALTER ROLE walpulse CONNECTION LIMIT 0", "ALTER ROLE walpulse CONNECTION LIMIT -1"),  # 53300
    ("ALTER ROLE walpulse NOLOGIN", "ALTER ROLE walpulse LOGIN"),  # 28000
    ("REVOKE CONNECT ON DATABASE {name} FROM PUBLIC",  # 42501
     "GRANT CONNECT ON DATABASE {name} TO PUBLIC"),
])
def test_a_role_that_is_refused_a_connection_keeps_its_stream(source, sink, refuse, allow):
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    walsender = source.slot_row("active_pid")
    source.server.psql(refuse.format(name=source.name))
    try:
        for pid in ordinary(source):
            source.server.psql(f"SELECT pg_terminate_backend({pid})")
        wait_until(lambda: "refuses the ordinary connection" in connector.text(), 20,
                   connector.text)
        # Longer than a server that leaves is waited for.
        until = time.monotonic() + 6
        while time.monotonic() < until:
            source.server.psql("SET ROLE mage; INSERT INTO pipeline_run (pipeline_uuid, status, "
                               "passed_sla) VALUES ('daily', 'INITIAL', false)", source.name)
            sink.wait_for(int(source.server.psql("SELECT count(*) FROM pipeline_run",
                                                 source.name)), what=connector.text)
            assert source.slot_row("active_pid") == walsender, connector.text()
        assert fetch(f"{connector.url}/readiness")[0] == 200
    finally:
        source.server.psql(allow.format(name=source.name))
    wait_until(lambda: "lets the ordinary connection in again" in connector.text(), 20,
               connector.text)
    assert source.slot_row("active_pid") == walsender, connector.text()
    assert connector.stop() == 0, connector.text()


@contextlib.contextmanager
def segment_away(source, slot):
    """The file of the log that a slot reads from, as around a standby's promotion."""
    server = source.server
    name = server.psql("SELECT pg_walfile_name(restart_lsn) FROM pg_replication_slots "
                       f"WHERE slot_name = '{slot}'")
    server.psql("SELECT pg_switch_wal(); CHECKPOINT")
    there = server.data / "pg_wal" / name
    away = server.folder / name
    os.rename(there, away)
    try:
        yield
    finally:
        os.rename(away, there)


def reason(connector):
    status, text = fetch(f"{connector.url}/readiness")
    return text if status == 503 else ""


def assert_still_there(source, slot):
    assert source.server.psql("SELECT wal_status FROM pg_replication_slots "
                              f"WHERE slot_name = '{slot}'") == "reserved"


@pytest.mark.parametrize("killed", [False, True])
def test_a_segment_that_is_away_for_a_while_is_waited_for(source, sink, killed):
    """At the first start, and where a connector was killed amid its work."""
    connector = source.connector(sink.url(), env=sink.environment()) if killed else None
    source.insert_run()
    if killed:
        sink.wait_for(1, what=connector.text)
        connector.kill()
        source.insert_run()
    with segment_away(source, source.slot):
        connector = source.connector(sink.url(), env=sink.environment())
        wait_until(lambda: "58P01" in reason(connector), 20,
                   lambda: reason(connector) + connector.text())
        assert connector.running(), connector.text()
        assert_still_there(source, source.slot)
    sink.wait_for(source.change_count(), what=connector.text)
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, connector.text)
    assert connector.stop() == 0, connector.text()


@pytest.mark.parametrize("way", ["sql", "stream"])
def test_a_replay_waits_for_it_too(source, sink, programs, way):
    anchor = replays.anchor_of(source)
    begin = replays.oldest(source)
    source.insert_run()
    until = replays.end(source)
    with segment_away(source, anchor):
        replay = programs.start("walpulse-connector", *replays.arguments(
            source, "--from", begin, "--until", until, "--to", sink.url(), "--via", way),
            env=sink.environment())
        wait_until(lambda: "58P01" in replay.text() and "trying again" in replay.text(), 20,
                   replay.text)
        assert replay.running(), replay.text()
        assert_still_there(source, anchor)
    assert replay.wait(60) == 0, replay.text()
    sink.check(source.change_count())
