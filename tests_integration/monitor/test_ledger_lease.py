"""Of the monitors that share a ledger one exports: whichever has the lease."""
import json
import signal
import time

import pytest

from harness.exports import exported, truth_of
from harness.flow import Fleet, Monitor
from harness.programs import fetch, wait_until
from stand_ins.cloud_monitoring import CloudMonitoring
from stand_ins.monitoring_rules import KINDS

TAKEOVER_SECONDS = 30


@pytest.fixture
def monitoring():
    with CloudMonitoring() as stand_in:
        yield stand_in


@pytest.fixture
def monitors(programs, shared, monitoring):
    return [Monitor(programs, shared[1], "--export", "cloud-monitoring", "--export-interval", "10s",
                    "--monitoring-endpoint", monitoring.url, "--project", monitoring.project)
            for _ in range(3)]


def leads(monitor):
    status, text = fetch(f"{monitor.url}/health", 10)
    return status == 200 and json.loads(text)["leads"]


def only_leader(monitors, seconds=TAKEOVER_SECONDS):
    return wait_until(lambda: (found := [each for each in monitors if leads(each)])
                      and len(found) == 1 and found[0], seconds, "one monitor leads")


def wait_exported(source, monitoring, seconds=60):
    wait_until(lambda: exported(monitoring) == truth_of(source), seconds,
               lambda: f"exported:\n{exported(monitoring)}\ntruth:\n{truth_of(source)}")


def wait_exports(monitoring, count):
    """Until so many more have come."""
    total = len(monitoring.requests) + count
    wait_until(lambda: len(monitoring.requests) >= total, 60, f"{count} more exports", pause=0.1)


def check_points(monitoring, starts):
    """Nothing was refused, went back or began anew."""
    assert monitoring.refusals == []
    for key, series in list(monitoring.series.items()):
        if monitoring.descriptors[series.type].metric_kind != KINDS.CUMULATIVE:
            continue
        assert {point.start for point in series.points} == {
            starts.get(key, series.points[0].start)}, f"{series.type} began anew"
        counts = [getattr(point.value, "count", point.value) for point in series.points]
        assert counts == sorted(counts), f"{series.type} {series.labels} went back"


def test_another_monitor_exports_within_30_s_of_the_leaders_kill(source, monitors, monitoring):
    leader = only_leader(monitors)
    others = [each for each in monitors if each is not leader]
    source.connector(f"{others[0].url}/push")
    source.simulate("--runs", 100, "--rate", 0, "--seed", 51)
    Fleet(monitors).wait_equal(source)
    wait_exported(source, monitoring)
    starts = {key: series.points[0].start for key, series in list(monitoring.series.items())}

    leader.program.kill()
    begun = time.monotonic()
    source.simulate("--runs", 100, "--rate", 0, "--seed", 52)
    successor = only_leader(others)
    assert time.monotonic() - begun < TAKEOVER_SECONDS
    wait_exported(source, monitoring)

    leader.start()
    source.simulate("--runs", 50, "--rate", 0, "--seed", 53)
    wait_exported(source, monitoring)
    assert leads(successor) and not leads(leader), "the lead was taken from one who had it"
    check_points(monitoring, starts)


@pytest.mark.statement("S34")
def test_an_exporter_that_is_stopped_and_continued_writes_nothing_twice_and_nothing_goes_back(
        source, monitors, monitoring):
    leader = only_leader(monitors)
    others = [each for each in monitors if each is not leader]
    source.connector(f"{others[0].url}/push")
    simulation = source.start_simulation("--duration", "600s", "--rate", 20, "--seed", 54)
    wait_until(lambda: exported(monitoring), 30, "the first export")
    starts = {key: series.points[0].start for key, series in list(monitoring.series.items())}
    leader.program.signal(signal.SIGSTOP)
    successor = only_leader(others)
    wait_exports(monitoring, 3)  # what the stopped one has in hand is old by now
    leader.program.signal(signal.SIGCONT)
    wait_exports(monitoring, 3)
    assert simulation.stop() == 0, simulation.text()
    wait_exported(source, monitoring)
    assert leads(successor) and not leads(leader), "the lease stays where it went"
    assert all(monitor.program.running() for monitor in monitors)
    check_points(monitoring, starts)


def test_a_leader_that_is_stopped_in_order_hands_the_lead_over_at_once(monitors):
    leader = only_leader(monitors)
    others = [each for each in monitors if each is not leader]
    assert leader.program.stop() == 0
    only_leader(others, 10)
