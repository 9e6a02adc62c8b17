"""S34: an exporter that is stopped, followed by another one, and continued: no point goes back, none
is written twice."""
import signal
import time

import pytest

from cloud_monitoring import CloudMonitoring
from flow import Monitor
from postgres import Postgres
from programs import wait_until
from test_cloud_monitoring import exported, truth_of
from test_s27_cumulative_series import never_went_back

STOPPED_SECONDS = 45  # longer than a lease, and than another one needs to take it over
TAKEOVER_SECONDS = 30


@pytest.fixture
def ledger_server():
    with Postgres() as started:
        started.psql("CREATE ROLE monitor LOGIN; CREATE DATABASE ledger OWNER monitor;")
        yield started


@pytest.fixture
def shared(ledger_server):
    return f"postgresql://monitor@127.0.0.1:{ledger_server.port}/ledger"


def exposes_the_ledger(monitor):
    """Only who exports shows the ledger's series."""
    return any(name.startswith("walpulse_pipeline_run_created") for name, _ in monitor.metrics())


def leader(*monitors):
    found = []

    def one():
        found[:] = [monitor for monitor in monitors if exposes_the_ledger(monitor)]
        return len(found) == 1

    wait_until(one, 60, lambda: f"{len(found)} monitors of {len(monitors)} export")
    return found[0]


def test_s34_an_exporter_that_is_stopped_and_continued_writes_nothing_twice_and_nothing_goes_back(
        source, programs, shared):
    with CloudMonitoring() as monitoring:
        monitors = [Monitor(programs, shared, "--export", "cloud-monitoring", "--export-interval",
                            "10s", "--monitoring-endpoint", monitoring.url, "--project",
                            monitoring.project) for _ in range(2)]
        # One that is never stopped takes what the connector sends.
        intake = Monitor(programs, shared, "--export", "prometheus")
        source.connector(f"{intake.url}/push")
        source.simulate("--runs", 50, "--rate", 0, "--pipelines", 5, "--seed", 1)
        wait_until(lambda: exported(monitoring) == truth_of(source), 60, "the first export")
        stopped = leader(*monitors)
        (other,) = [monitor for monitor in monitors if monitor is not stopped]
        stopped.program.signal(signal.SIGSTOP)
        begun = time.monotonic()
        source.simulate("--runs", 50, "--rate", 0, "--pipelines", 5, "--seed", 2)
        wait_until(lambda: exposes_the_ledger(other), TAKEOVER_SECONDS + 15, other.program.text)
        wait_until(lambda: exported(monitoring) == truth_of(source), 60, "the other one exports")
        time.sleep(max(0, STOPPED_SECONDS - (time.monotonic() - begun)))
        stopped.program.signal(signal.SIGCONT)
        source.simulate("--runs", 50, "--rate", 0, "--pipelines", 5, "--seed", 3)
        wait_until(lambda: exported(monitoring) == truth_of(source), 60, "all is exported")
        exports = len(monitoring.requests)
        wait_until(lambda: len(monitoring.requests) > exports + 1, 60, "two more exports")
        assert monitoring.refusals == [], "a point was written twice, or before another"
        assert exported(monitoring) == truth_of(source)
        never_went_back(monitoring)
        assert leader(*monitors) is other, "the lease stays where it went"
        assert all(monitor.program.running() for monitor in monitors)
