"""TRUNCATE of several tables with CASCADE and RESTART IDENTITY."""
import pytest

from harness.flow import Monitor, stdout_events
from harness.programs import wait_until

pytestmark = [pytest.mark.core("truncate"), pytest.mark.statement("S21")]


def test_a_truncate_is_one_event_in_order_with_its_options(source):
    source.insert_run()
    source.execute("TRUNCATE pipeline_run, block_run RESTART IDENTITY CASCADE")
    source.insert_run(pipeline_uuid="the_last")
    events = stdout_events(source)
    assert [event["op"] for event in events] == ["c", "t", "c"]
    truncate = events[1]
    assert truncate.get("before") is None and truncate.get("after") is None
    assert truncate["truncate"] == {"cascade": True, "restart_identity": True}


def test_a_truncate_empties_the_gauges_and_keeps_the_counters(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    source.connector(f"{monitor.url}/push")
    source.simulate("--runs", 30, "--rate", 0, "--odds", "stuck=0.5")
    monitor.wait_equal(source)
    assert monitor.total("walpulse_pipeline_run_active") > 0
    created = monitor.total("walpulse_pipeline_run_created_count_total")
    source.execute("TRUNCATE pipeline_run RESTART IDENTITY CASCADE")
    wait_until(lambda: monitor.total("walpulse_pipeline_run_active") == 0, 20, "nothing is active")
    assert monitor.total("walpulse_pipeline_run_created_count_total") == created
    source.simulate("--runs", 30, "--rate", 0, "--seed", 2)  # ids are used again
    monitor.wait_equal(source)
