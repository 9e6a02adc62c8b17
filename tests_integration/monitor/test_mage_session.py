"""What the real Mage 0.9.80 wrote in one session (mage_session.py), captured and counted: the ledger says
what the database knows, in whichever order the messages come."""
import random

import pytest

from harness import chaos_delivery, mage_session, truth
from harness.flow import Monitor, stdout_events

pytestmark = pytest.mark.statement("mage")

SETTLE = "15s"  # longer than one delivery takes
ORDERS = {
    "in order": lambda count: list(range(count)),
    "reversed": lambda count: list(reversed(range(count))),
    "shuffled": lambda count: random.Random(80).sample(range(count), count),
    "late and double": lambda count: chaos_delivery.bad_order(count, seed=80, late_share=0.3),
}


def test_the_truth_of_mages_own_session_equals_an_independent_count(bare_source):
    runs = mage_session.write(bare_source)
    assert runs == bare_source.change_count() == 278
    said = truth.said(truth.check(bare_source))
    assert said["created"] == 82
    assert said["active ORPHANED"] == 2
    # A retry of a run that was cancelled while INITIAL, and others that keep their started_at.
    assert said["retried"] > 5 and said["queued"] > 60


def test_every_change_of_mages_own_session_is_an_event_with_its_commit_time(source):
    mage_session.write(source)
    source.insert_run(id=1_000_000, pipeline_uuid="the_last")
    committed = source.execute(
        "SELECT id, op, status, (extract(epoch FROM pg_xact_commit_timestamp(xid)) * 1e6)::bigint "
        "FROM walpulse_truth.audit ORDER BY seq")
    events = stdout_events(source)
    assert [(row["id"], event["op"], (event["after"] or {}).get("status"), event["source"]["ts_us"])
            for event in events for row in [event["after"] or event["before"]]] == committed


@pytest.mark.parametrize("order", ORDERS)
def test_mages_own_session_is_counted_as_the_database_knows_it(source, programs, emulator, topic,
                                                               ledger, order):
    name, url = topic
    emulator.create_subscription(f"{name}-relay", name)
    source.connector(url, env=emulator.environment())
    messages, others = chaos_delivery.changes(emulator, f"{name}-relay",
                                              mage_session.write(source))
    monitor = Monitor(programs, ledger, "--export", "prometheus", "--settle", SETTLE)
    chaos_delivery.deliver_in(range(len(others)), others, f"{monitor.url}/push")
    chaos_delivery.deliver_in(ORDERS[order](len(messages)), messages, f"{monitor.url}/push")
    with chaos_delivery.passing_on(emulator, f"{name}-relay", f"{monitor.url}/push"):
        monitor.wait_equal(source)
        monitor.wait_total(len(messages), "walpulse_event_processed_count_total", outcome="applied")
