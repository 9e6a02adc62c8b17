"""A network that is cut, reset or silent: the connector is there again by itself, nothing is
lost, and a slot that the server still holds for the dead connection is waited for."""
import pytest

from harness.confirmations import Confirmations
from harness.programs import fetch, wait_until
from stand_ins.fault_proxy import FaultProxy

pytestmark = pytest.mark.statement("S17")


@pytest.fixture
def proxy(source, server):
    # How long the server keeps a walsender whose client is silent.
    server.psql(f"ALTER ROLE walpulse IN DATABASE {source.name} SET wal_sender_timeout = '3s'")
    with FaultProxy(server.port) as started:
        source.direct_dsn, source.dsn = source.dsn, started.dsn(source.dsn)
        yield started
        source.programs.kill_all()


@pytest.mark.parametrize("fault", ["reset", "drop", "half_open"])
def test_a_network_that_fails_is_survived_without_loss(source, sink, proxy, fault):
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    with Confirmations(source) as confirmations:
        for _ in range(3):
            source.insert_runs(200)
            walsender = source.slot_row("active_pid")
            getattr(proxy, fault)()
            source.insert_runs(200)
            if fault != "reset":
                wait_until(lambda: source.slot_row("active") == "f", 20, "the server noticed")
            proxy.restore()
            wait_until(lambda: source.slot_row("active_pid") not in ("", walsender), 40,
                       connector.text)
            sink.wait_for(source.change_count(), 60, connector.text)
            source.wait_confirmed()
    sink.check(source.change_count())
    confirmations.check(sink)
    assert connector.running()
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, connector.text)


def test_a_slot_that_the_server_holds_for_a_dead_connection_is_waited_for(source, sink, proxy):
    first = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=first.text)
    proxy.half_open()
    first.kill()
    source.insert_runs(100)
    source.dsn = source.direct_dsn
    second = source.connector(sink.url(), env=sink.environment())
    wait_until(lambda: fetch(f"{second.url}/readiness")[0] == 200, 20, second.text)
    sink.wait_for(source.change_count(), 40, second.text)
    source.wait_confirmed()
    assert second.running() and second.text(1000).count('"severity":"ERROR"') == 0, second.text()
    sink.check(source.change_count())
