"""A ledger that is away for long: nothing is rejected, and everything is applied afterwards."""
import time

import pytest

from harness.flow import REDELIVERY_SETTLE, Monitor
from harness.postgres import Postgres
from harness.programs import fetch, wait_until

AWAY_SECONDS = 20  # twice Pub/Sub's shortest acknowledgement deadline


@pytest.fixture
def ledger_server():
    with Postgres() as started:
        started.psql("CREATE ROLE monitor LOGIN; CREATE DATABASE ledger OWNER monitor;")
        yield started


def refused(monitor):
    """Events that were not applied, for whatever reason of their own."""
    return sum(monitor.total("walpulse_event_processed_count_total", outcome=outcome)
               for outcome in ("invalid", "conflict"))


@pytest.mark.statement("S32")
def test_a_ledger_that_is_away_for_long_rejects_nothing_and_everything_is_applied_afterwards(
        source, programs, emulator, topic, ledger_server):
    shared = f"postgresql://monitor@127.0.0.1:{ledger_server.port}/ledger"
    name, url = topic
    subscription = emulator.create_subscription(f"{name}-pull", name, ack_seconds=10)
    pulling = Monitor(programs, shared, "--subscription", subscription, "--export", "prometheus",
                      "--settle", REDELIVERY_SETTLE, env=emulator.environment())
    pushed = Monitor(programs, shared, "--export", "prometheus", "--settle", REDELIVERY_SETTLE)
    emulator.create_subscription(f"{name}-push", name, push=f"{pushed.url}/", ack_seconds=10)
    source.connector(url, env=emulator.environment())
    source.simulate("--runs", 50, "--rate", 0, "--seed", 1)
    exporter(pulling, pushed).wait_equal(source)
    ledger_server.shut()
    source.simulate("--runs", 100, "--rate", 0, "--seed", 2)
    for monitor in (pulling, pushed):
        wait_until(lambda: not monitor.ready(), 30, monitor.program.text)
        assert fetch(f"{monitor.url}/liveness")[0] == 200
    time.sleep(AWAY_SECONDS)
    ledger_server.start()
    for monitor in (pulling, pushed):
        wait_until(monitor.ready, 60, monitor.program.text)
    exporter(pulling, pushed).wait_equal(source)
    assert refused(exporter(pulling, pushed)) == 0
    assert all(monitor.program.running() for monitor in (pulling, pushed))


def exporter(*monitors):
    """One that shows the ledger's series: only who exports does."""
    def shows(monitor):
        return any(name.startswith("walpulse_pipeline_run") for name, _ in monitor.metrics())

    return wait_until(lambda: next(filter(shows, monitors), None), 60, "one exports")
