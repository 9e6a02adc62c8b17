"""The export to Cloud Monitoring, against a stand-in that refuses what Google refuses."""
import pytest

from harness.exports import exported, truth_of
from harness.flow import Monitor
from harness.programs import wait_until
from stand_ins.cloud_monitoring import CloudMonitoring
from stand_ins.monitoring_rules import KINDS

pytestmark = pytest.mark.statement("export")


@pytest.fixture
def monitoring():
    with CloudMonitoring() as stand_in:
        yield stand_in


def start(programs, ledger, monitoring):
    return Monitor(programs, ledger, "--export", "cloud-monitoring", "--export-interval", "10s",
                   "--monitoring-endpoint", monitoring.url, "--project", monitoring.project)


def test_the_export_is_accepted_whole_and_survives_a_restart(source, programs, monitoring, ledger):
    monitor = start(programs, ledger, monitoring)
    source.connector(f"{monitor.url}/push")
    source.simulate("--runs", 150, "--rate", 0, "--pipelines", 30, "--seed", 3)
    monitor.wait_equal(source)
    wait_until(lambda: exported(monitoring) == truth_of(source), 40,
               lambda: f"exported:\n{exported(monitoring)}\ntruth:\n{truth_of(source)}")
    starts = {key: series.points[0].start for key, series in list(monitoring.series.items())}

    assert monitor.program.stop() == 0  # exports once more
    source.simulate("--runs", 150, "--rate", 0, "--pipelines", 30, "--seed", 4)
    monitoring.fail_with(503)
    monitor.start()
    wait_until(lambda: exported(monitoring) == truth_of(source), 60, "all is exported")
    assert monitoring.refusals == []
    for key, series in list(monitoring.series.items()):
        if monitoring.descriptors[series.type].metric_kind != KINDS.CUMULATIVE:
            continue
        assert {point.start for point in series.points} == {series.points[0].start}
        assert series.points[0].start == starts.get(key, series.points[0].start)
        counts = [getattr(point.value, "count", point.value) for point in series.points]
        assert counts == sorted(counts), f"{series.type} {series.labels} went back"
    check_start_times(monitoring)
    check_descriptors(monitoring)


def check_start_times(monitoring):
    """Per series: what began later starts later, so that its first value is a rate of its time."""
    starts = {points[0].start for _, points in monitoring.points_of("finished_count")}
    assert len(starts) > 1


def check_descriptors(monitoring):
    written = {series.type for series in list(monitoring.series.values())}
    assert written <= set(monitoring.created), "a descriptor was left to Google's guess"
    for name in monitoring.created:
        descriptor = monitoring.descriptors[name]
        assert descriptor.display_name and descriptor.description and descriptor.unit, name
    resources = {tuple(sorted(series.resource.items())) for series in list(monitoring.series.values())}
    assert len(resources) <= 2, "the resource depends on something that changes"


def test_a_point_that_is_refused_is_counted_and_the_others_are_written(source, programs, monitoring,
                                                                       ledger):
    monitor = start(programs, ledger, monitoring)
    source.connector(f"{monitor.url}/push")
    monitoring.refuse_once.add("created_count")
    source.insert_run(status="RUNNING")
    wait_until(lambda: monitoring.refusals, 30, "a refusal")
    assert monitoring.points_of("started_count"), "what was not refused is written"
    monitor.wait_total(1, "walpulse_export_failed_points_count_total")
    wait_until(lambda: monitoring.points_of("created_count"), 30, "it is exported again")


def test_a_service_that_refuses_everything_is_counted_and_asked_again(source, programs, monitoring,
                                                                      ledger):
    monitor = start(programs, ledger, monitoring)
    source.connector(f"{monitor.url}/push")
    monitoring.fail_with(403)
    source.insert_run()
    wait_until(lambda: monitoring.points_of("created_count"), 60, "the next export is whole")
    assert sum(value for (name, _), value in monitor.settled().items()
               if name == "walpulse_export_failed_points_count_total") > 0
