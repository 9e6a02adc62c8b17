"""One of the monitors that share a ledger exports; when it dies or stands still, another goes on."""
import signal

import pytest

from cloud_monitoring import CloudMonitoring
from flow import Monitor
from postgres import Postgres
from programs import wait_until
from test_cloud_monitoring import exported, truth_of
from test_s27_cumulative_series import never_went_back

FOLLOWED_SECONDS = 30


@pytest.fixture
def shared_ledger():
    with Postgres() as started:
        started.psql("CREATE ROLE monitor LOGIN; CREATE DATABASE ledger OWNER monitor;")
        yield f"postgresql://monitor@127.0.0.1:{started.port}/ledger"


def leads(monitor):
    return monitor.total("walpulse_monitor_leader") == 1


def wait_exported(monitoring, source):
    wait_until(lambda: exported(monitoring) == truth_of(source), 60,
               lambda: f"exported:\n{exported(monitoring)}\ntruth:\n{truth_of(source)}")


def test_s27_a_leader_that_is_killed_or_stopped_is_followed_and_no_series_begins_anew(
        source, programs, shared_ledger):
    with CloudMonitoring() as monitoring:
        first, second = (
            Monitor(programs, shared_ledger, "--export", "cloud-monitoring", "--export-interval",
                    "10s", "--monitoring-endpoint", monitoring.url, "--project",
                    monitoring.project) for _ in range(2))
        assert leads(first) and not leads(second)
        assert not any("pipeline_run" in name for name, _ in second.metrics())
        source.connector(f"{second.url}/push")
        source.simulate("--runs", 60, "--rate", 0, "--pipelines", 5, "--seed", 1)
        wait_exported(monitoring, source)

        first.program.kill()
        wait_until(lambda: leads(second), FOLLOWED_SECONDS, "the second leads")
        source.simulate("--runs", 60, "--rate", 0, "--pipelines", 5, "--seed", 2)
        second.wait_equal(source)
        wait_exported(monitoring, source)

        first.start()
        assert not leads(first)
        second.program.signal(signal.SIGSTOP)
        wait_until(lambda: leads(first), FOLLOWED_SECONDS, "the first leads again")
        second.program.signal(signal.SIGCONT)
        wait_until(lambda: second.ready() and not leads(second), FOLLOWED_SECONDS,
                   "the second knows that it was followed")
        source.simulate("--runs", 60, "--rate", 0, "--pipelines", 5, "--seed", 3)
        wait_exported(monitoring, source)

        assert first.program.stop() == 0
        wait_until(lambda: leads(second), 10, "a lead that was given up is free at once")
        assert monitoring.refusals == []
        never_went_back(monitoring)
