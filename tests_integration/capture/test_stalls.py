"""Readiness tells a stalled stream from a walsender that is busy; liveness knows of neither."""
import threading
import time

import pytest

from harness.programs import fetch, wait_until
from stand_ins.fault_proxy import BACK, FaultProxy

pytestmark = pytest.mark.statement("S24")

STALL_SECONDS = 30  # what readiness grants


def test_a_server_that_is_not_heard_of_any_more_is_not_ready_but_alive(source, server, sink):
    with FaultProxy(server.port) as proxy:
        source.dsn = proxy.dsn(source.dsn)
        connector = source.connector(sink.url(), env=sink.environment())
        source.insert_run()
        sink.wait_for(1, what=connector.text)
        proxy.half_open(BACK)  # TCP is well: only nothing comes any more
        source.insert_run()
        wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 503, STALL_SECONDS + 15,
                   lambda: fetch(f"{connector.url}/readiness"))
        assert "stalled" in fetch(f"{connector.url}/readiness")[1]
        assert fetch(f"{connector.url}/liveness")[0] == 200 and connector.running()
        proxy.restore()
        sink.wait_for(2, what=connector.text)
        wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, connector.text)
    sink.check(2)


class Probes:
    """Asks readiness and liveness all the while."""

    def __init__(self, connector):
        self.connector, self.answers = connector, []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def _ask(self):
        while not self._stop.wait(0.05):
            self.answers.append((fetch(f"{self.connector.url}/liveness")[0],
                                 *fetch(f"{self.connector.url}/readiness")))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(10)

    def check(self):
        assert len(self.answers) > 3
        assert all(alive == 200 and ready == 200 for alive, ready, _ in self.answers), self.answers


def test_a_walsender_deep_in_what_nobody_captures_is_no_stall(source, server, sink):
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, connector.text)
    server.psql(f"CREATE DATABASE {source.name}_other")
    try:
        with Probes(connector) as probes:
            for database in (source.name, f"{source.name}_other"):
                server.psql("CREATE TABLE noise AS SELECT n, repeat('x', 50) AS text "
                            "FROM generate_series(1, 600000) n", database)
            source.wait_confirmed()
            time.sleep(0.2)
        probes.check()
    finally:
        server.psql(f"DROP DATABASE {source.name}_other WITH (FORCE)")
    assert len(sink.ids()) == 1


def test_a_huge_captured_transaction_is_no_stall(source, sink):
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, connector.text)
    with Probes(connector) as probes:
        source.insert_runs(50_000)
        sink.wait_for(50_001, 120, connector.text)
        source.wait_confirmed()
    probes.check()
