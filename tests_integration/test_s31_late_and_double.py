"""S31: 5 % of the messages late, some after the run's last event, all of them twice."""
import late_and_double
from flow import Monitor
from programs import wait_until


def test_s31_late_and_doubled_messages_leave_every_counter_as_the_ordered_log_would(
        source, programs, emulator, topic, ledger):
    name, url = topic
    emulator.create_subscription(f"{name}-relay", name)
    # Born before the runs: of older ones a ledger cannot know whether their insert is still to come.
    monitor = Monitor(programs, ledger, "--export", "prometheus")
    source.connector(url, env=emulator.environment())
    source.simulate("--runs", 1_000, "--rate", 0, "--pipelines", 10, "--seed", 31,
                    "--odds", "stuck=0.05")
    changes = source.execute("SELECT count(*) FROM walpulse_truth.audit")[0][0]
    messages = []

    def all_there():
        messages.extend(message for message in emulator.pull(f"{name}-relay")
                        if message["attributes"]["ce-type"] == "walpulse.change")
        return len({message["attributes"]["ce-id"] for message in messages}) >= changes

    wait_until(all_there, 60, lambda: f"{len(messages)} of {changes} messages")
    late_and_double.deliver(messages, f"{monitor.url}/push", seed=31)
    monitor.wait_equal(source)
    monitor.wait_total(changes, "walpulse_event_processed_count_total", outcome="applied")
    assert monitor.total("walpulse_event_processed_count_total", outcome="unchanged") >= changes
