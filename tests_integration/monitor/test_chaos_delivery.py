"""5 % of the messages late, some after the run's last event, all of them twice."""
import pytest

from harness import chaos_delivery
from harness.flow import Monitor


@pytest.mark.statement("S31")
def test_late_and_doubled_messages_leave_every_counter_as_the_ordered_log_would(
        source, programs, emulator, topic, ledger):
    name, url = topic
    emulator.create_subscription(f"{name}-relay", name)
    monitor = Monitor(programs, ledger, "--export", "prometheus", "--settle", "20s")
    source.connector(url, env=emulator.environment())
    source.simulate("--runs", 1_000, "--rate", 0, "--pipelines", 10, "--seed", 31,
                    "--odds", "stuck=0.05", "--odds", "change_key=0.05",
                    "--odds", "rename_table=0.02", "--odds", "delete_trigger=0.02")
    changes = source.execute("SELECT count(*) FROM walpulse_truth.audit")[0][0]
    messages, others = chaos_delivery.changes(emulator, f"{name}-relay", changes)
    chaos_delivery.deliver_in(range(len(others)), others, f"{monitor.url}/push")
    chaos_delivery.deliver(messages, f"{monitor.url}/push", seed=31)
    with chaos_delivery.passing_on(emulator, f"{name}-relay", f"{monitor.url}/push"):
        monitor.wait_equal(source)
    monitor.wait_total(changes, "walpulse_event_processed_count_total", outcome="applied")
    assert monitor.total("walpulse_event_processed_count_total", outcome="unchanged") >= changes
