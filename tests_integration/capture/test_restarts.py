"""Killed, stopped, doubled: whatever happens to the programs, the totals are those of the log."""
import signal
import time

import pytest

from harness.flow import REDELIVERY_SETTLE, Monitor
from harness.programs import fetch, wait_until


def kill_and_restart_half_way(source, simulation, monitors, runs):
    wait_until(lambda: source.execute("SELECT last_value FROM pipeline_run_id_seq")[0][0]
               > runs / 2, 240, "half of the runs")
    for monitor in monitors:
        monitor.program.kill()
    time.sleep(1)  # messages pile up
    for monitor in monitors:
        monitor.start()
    assert simulation.wait(400) == 0, simulation.text()


def test_thousands_of_runs_with_the_monitors_killed_half_way(source, programs, emulator, topic, ledger):
    name, url = topic
    pushed = Monitor(programs, f"{ledger}-pushed", "--export", "prometheus")
    source.setup(slot=f"{source.name}_push")
    source.connector(f"{pushed.url}/push", slot=f"{source.name}_push")
    subscription = emulator.create_subscription(f"{name}-pull", name, ack_seconds=10)
    pulled = Monitor(programs, f"{ledger}-pulled", "--subscription", subscription, "--settle",
                     REDELIVERY_SETTLE, "--export", "prometheus", env=emulator.environment())
    source.connector(url, env=emulator.environment())
    simulation = source.start_simulation("--runs", 4_000, "--rate", 0, "--pipelines", 40,
                                         "--concurrency", 4, "--seed", 8)
    kill_and_restart_half_way(source, simulation, [pushed, pulled], 4_000)
    for monitor in (pushed, pulled):
        monitor.wait_equal(source, seconds=300)
    source.wait_confirmed()


def test_a_monitor_that_pubsub_pushes_to_is_killed_half_way(source, programs, emulator, topic,
                                                            ledger):
    """Fewer runs: the emulator pushes one or two messages at a time."""
    name, url = topic
    monitor = Monitor(programs, ledger, "--export", "prometheus", "--settle", REDELIVERY_SETTLE)
    emulator.create_subscription(f"{name}-push", name, push=f"{monitor.url}/", ack_seconds=10)
    source.connector(url, env=emulator.environment())
    simulation = source.start_simulation("--runs", 500, "--rate", 0, "--seed", 9)
    kill_and_restart_half_way(source, simulation, [monitor], 500)
    monitor.wait_equal(source)


@pytest.mark.statement("S23")
@pytest.mark.core("restarts")
def test_a_stop_under_load_drains_confirms_and_exits_0(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    simulation = source.start_simulation("--duration", "120s", "--rate", 0, "--seed", 4)
    connector = source.connector(f"{monitor.url}/push")
    wait_until(lambda: monitor.total("walpulse_pipeline_run_created_count_total") > 50, 30,
               "runs arrive")
    begun = time.monotonic()
    assert connector.stop() == 0
    assert time.monotonic() - begun < 10
    simulation.stop()
    monitor.settled()
    delivered = monitor.total("walpulse_event_processed_count_total")
    confirmed = source.slot_row("confirmed_flush_lsn")
    connector.start()
    monitor.wait_equal(source)
    assert source.confirmed(confirmed), "the slot stepped back"
    monitor.settled()
    assert monitor.total("walpulse_event_processed_count_total", outcome="applied") > delivered
    # A transaction in the middle of which the stop came is repeated.
    largest = source.execute("SELECT max(changes) FROM (SELECT count(*) AS changes "
                             "FROM walpulse_truth.audit GROUP BY xid) AS each")[0][0]
    assert monitor.total("walpulse_event_processed_count_total", outcome="unchanged") < largest, \
        "what was delivered before the stop was not confirmed by it"


@pytest.mark.statement("S1")
@pytest.mark.core("restarts")
def test_a_second_connector_stands_by_and_takes_over(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    first = source.connector(f"{monitor.url}/push")
    source.insert_run()
    monitor.wait_equal(source)
    second = source.connector(f"{monitor.url}/push")
    wait_until(lambda: fetch(f"{second.url}/readiness") == (200, "standby\n")
               or "standby" in fetch(f"{second.url}/readiness")[1], 15,
               lambda: fetch(f"{second.url}/readiness"))
    assert fetch(f"{second.url}/readiness")[0] == 200
    first.kill()
    source.insert_run()
    monitor.wait_equal(source)
    assert second.running()


@pytest.mark.statement("S17")
@pytest.mark.core("restarts")
def test_a_terminated_walsender_is_replaced(source, programs, server):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    connector = source.connector(f"{monitor.url}/push")
    for _ in range(3):
        source.insert_run()
        monitor.wait_equal(source)
        server.psql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
                    f"WHERE slot_name = '{source.slot}'")
    source.insert_run()
    monitor.wait_equal(source)
    assert connector.running()


def test_a_stopped_monitor_ends_in_time_and_forgets_nothing(source, programs, ledger):
    monitor = Monitor(programs, ledger, "--export", "prometheus")
    source.connector(f"{monitor.url}/push")
    source.simulate("--runs", 50, "--rate", 0)
    monitor.wait_equal(source)
    begun = time.monotonic()
    monitor.program.process.send_signal(signal.SIGTERM)
    assert monitor.program.wait(10) == 0, monitor.program.text()
    assert time.monotonic() - begun < 10
    source.simulate("--runs", 50, "--rate", 0, "--seed", 2)
    monitor.start()
    monitor.wait_equal(source)
