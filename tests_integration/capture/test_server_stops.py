"""A server of their own for the tests that stop it."""
import pytest

from harness.flow import Monitor
from harness.postgres import Postgres
from harness.programs import fetch, wait_until

pytestmark = pytest.mark.core("restarts")


@pytest.fixture(scope="module")
def server():
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


@pytest.mark.statement("S17")
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restarted_server_is_found_again_and_nothing_is_lost(source, server, programs,
                                                               mode):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    connector = source.connector(f"{monitor.url}/push")
    source.simulate("--runs", 50, "--rate", 0)
    server.restart(mode)
    source.simulate("--runs", 50, "--rate", 0, "--seed", 2)
    monitor.wait_equal(source)
    assert connector.running()
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 40,
               lambda: fetch(f"{connector.url}/readiness"))


def test_a_connector_without_its_server_is_alive_not_ready_and_says_why(source, server, programs,
                                                                        emulator, topic):
    connector = source.connector(topic[1], env=emulator.environment())
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, "it streams")
    server.shut()
    try:
        wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 503, 40,
                   lambda: fetch(f"{connector.url}/readiness"))
        assert fetch(f"{connector.url}/liveness")[0] == 200
        assert fetch(f"{connector.url}/readiness")[1].strip()
        assert connector.stop() == 0, "a stop without a server"
    finally:
        server.start()
