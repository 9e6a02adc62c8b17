"""A server of their own for the tests that stop it: S17 and S30."""
import threading
import time

import pytest

from flow import Monitor, Source
from postgres import Postgres, free_port
from programs import fetch, wait_until


@pytest.fixture(scope="module")
def own_server():
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


@pytest.fixture
def source(own_server, programs, request):
    made = Source(own_server, "mage_" + str(abs(hash(request.node.name)) % 10_000), programs)
    made.create()
    made.setup()
    yield made
    programs.kill_all()
    made.drop()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_s17_a_restarted_server_is_found_again_and_nothing_is_lost(source, own_server, programs,
                                                                   mode):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    connector = source.connector(f"{monitor.url}/push")
    source.simulate("--runs", 50, "--rate", 0)
    own_server.restart(mode)
    source.simulate("--runs", 50, "--rate", 0, "--seed", 2)
    monitor.wait_equal(source)
    assert connector.running()
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 40,
               lambda: fetch(f"{connector.url}/readiness"))


def test_a_connector_without_its_server_is_alive_not_ready_and_says_why(source, own_server, programs,
                                                                        emulator, topic):
    connector = source.connector(topic[1], env=emulator.environment())
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, "it streams")
    own_server.shut()
    try:
        wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 503, 40,
                   lambda: fetch(f"{connector.url}/readiness"))
        assert fetch(f"{connector.url}/liveness")[0] == 200
        assert fetch(f"{connector.url}/readiness")[1].strip()
        assert connector.stop() == 0, "a stop without a server"
    finally:
        own_server.start()


def test_s30_a_server_stops_in_time_while_the_sink_is_down(source, own_server, programs):
    port = free_port()
    connector = source.connector(f"http://127.0.0.1:{port}/push")
    source.simulate("--runs", 30, "--rate", 0)
    wait_until(lambda: source.slot_row("active") == "t", 20, "it streams")
    begun = time.monotonic()
    stopping = threading.Thread(target=own_server.shut)
    stopping.start()
    stopping.join(15)
    took = time.monotonic() - begun
    try:
        assert not stopping.is_alive(), f"the server still waits after {took:.0f} s"
    finally:
        if stopping.is_alive():
            connector.kill()
            stopping.join()
        own_server.start()
    assert connector.running()
    monitor = Monitor(programs, "memory", "--export", "prometheus", port=port)
    monitor.wait_equal(source)
