"""Late and repeated messages, a restart half-way and a replay of everything: each cumulative
series ends where the log itself would, keeps its start time, and never goes back."""
import pytest

from harness import chaos_delivery
from harness.exports import exported, truth_of
from harness.flow import Monitor
from harness.programs import wait_until
from stand_ins.cloud_monitoring import CloudMonitoring
from stand_ins.monitoring_rules import KINDS


@pytest.mark.statement("S27")
def test_bad_deliveries_and_restarts_leave_every_exported_series_as_the_log_would(
        source, programs, emulator, topic, ledger):
    name, url = topic
    emulator.create_subscription(f"{name}-relay", name)
    with CloudMonitoring() as monitoring:
        monitor = Monitor(programs, ledger, "--export", "cloud-monitoring", "--export-interval",
                          "10s", "--monitoring-endpoint", monitoring.url, "--project",
                          monitoring.project, "--settle", "10s")
        source.connector(url, env=emulator.environment())
        source.simulate("--runs", 300, "--rate", 0, "--pipelines", 10, "--seed", 27)
        messages, others = chaos_delivery.changes(emulator, f"{name}-relay",
                                                  source.change_count())
        half = messages[:len(messages) // 2]
        chaos_delivery.deliver_in(range(len(others)), others, f"{monitor.url}/push")
        chaos_delivery.deliver(half, f"{monitor.url}/push", seed=1)
        wait_until(lambda: monitoring.points_of("created_count"), 40, "the first export")
        assert monitor.program.stop() == 0  # exports once more
        monitor.start()
        chaos_delivery.deliver(messages, f"{monitor.url}/push", seed=2)
        with chaos_delivery.passing_on(emulator, f"{name}-relay", f"{monitor.url}/push"):
            monitor.wait_equal(source)
        wait_until(lambda: exported(monitoring) == truth_of(source), 60,
                   lambda: f"exported:\n{exported(monitoring)}\ntruth:\n{truth_of(source)}")
        chaos_delivery.deliver(messages, f"{monitor.url}/push", seed=3)
        exports = len(monitoring.requests)
        wait_until(lambda: len(monitoring.requests) > exports, 30, "another export")
        assert exported(monitoring) == truth_of(source), "a replay counts nothing"
        assert monitoring.refusals == []
        never_went_back(monitoring)


def never_went_back(monitoring):
    """Every cumulative series: one interval, and no count below the one before."""
    for series in monitoring.series.values():
        if monitoring.descriptors[series.type].metric_kind != KINDS.CUMULATIVE:
            continue
        counts = [getattr(point.value, "count", point.value) for point in series.points]
        assert counts == sorted(counts), f"{series.type} {series.labels} went back: {counts}"
        assert len({point.start for point in series.points}) == 1, f"{series.type} began anew"
