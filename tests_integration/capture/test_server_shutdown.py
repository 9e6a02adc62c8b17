"""A server that is shut down while the sink is slow or down is not kept waiting by its
walsender, which waits for our confirmation: the connector leaves, and comes back."""
import pytest

from harness.confirmations import Confirmations
from harness.postgres import Postgres, free_port
from harness.programs import fetch, wait_until
from stand_ins.fault_sink import HANG, REFUSE, SLOW

pytestmark = pytest.mark.statement("S30")

SHUTDOWN_SECONDS_MAX = 15


@pytest.fixture(scope="module")
def server():
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


@pytest.mark.parametrize("behaviour", [HANG, REFUSE, SLOW, 503])
def test_a_fast_shutdown_ends_in_time_whatever_the_sink_does(source, server, sink,
                                                             behaviour):
    # Parking would let go of the server as well: it comes too late here.
    connector = source.connector(sink.url(), "--park-after", "10m", env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    with Confirmations(source) as confirmations:
        source.wait_confirmed()
        sink.behave(behaviour)
        for _ in range(20):
            source.insert_runs(1_000)
        server.shut("fast", seconds=SHUTDOWN_SECONDS_MAX)
        assert connector.running()
        wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 503, 40, connector.text)
        server.start()
        sink.behave("accept")
        sink.wait_for(source.change_count(), 120, connector.text)
        source.wait_confirmed()
    sink.check(source.change_count())
    confirmations.check(sink)
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 40, connector.text)


@pytest.fixture(scope="module")
def other():
    with Postgres() as started:
        started.psql("CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


@pytest.mark.parametrize("hosts", ["first, other is dead", "last, other is dead",
                                   "first, other answers", "last, other answers"])
def test_of_several_servers_the_one_that_leaves_is_let_go_of(source, server, sink, other, hosts):
    ports = [server.port, other.port if "answers" in hosts else free_port()]
    if "answers" in hosts:  # and is of another sort than the dsn asks for
        other.psql(f"CREATE DATABASE {source.name}")
        other.psql(f"ALTER DATABASE {source.name} SET default_transaction_read_only = on")
    if hosts.startswith("last"):
        ports.reverse()
    assert f"port={server.port}" in source.dsn, source.dsn
    source.dsn = source.dsn.replace("host=127.0.0.1", "host=127.0.0.1,localhost").replace(
        f"port={server.port}", "port=%s,%s" % tuple(ports)) + " target_session_attrs=read-write"
    connector = source.connector(sink.url(), "--park-after", "10m", env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    sink.behave(HANG)
    source.insert_runs(10)
    server.shut("fast", seconds=SHUTDOWN_SECONDS_MAX)
    assert "not watched" not in connector.text(), connector.text()
    server.start()
    sink.behave("accept")
    sink.wait_for(source.change_count(), 120, connector.text)
    source.wait_confirmed()


def test_one_ordinary_connection_that_is_terminated_is_no_shutdown(source, server, sink):
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    walsender = source.slot_row("active_pid")
    ordinary = ("FROM pg_stat_activity WHERE application_name = 'walpulse' AND "
                f"datname = '{source.name}' AND backend_type = 'client backend'")
    for _ in range(3):
        pid = wait_until(lambda: server.psql(f"SELECT pid {ordinary}"), 20, "the watch connects")
        server.psql(f"SELECT pg_terminate_backend({pid})")
        wait_until(lambda: server.psql(f"SELECT pid {ordinary}") not in ("", pid), 20,
                   connector.text)
    source.insert_run()
    sink.wait_for(2, what=connector.text)
    assert source.slot_row("active_pid") == walsender, connector.text()
    assert fetch(f"{connector.url}/readiness")[0] == 200
