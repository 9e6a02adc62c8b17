"""A trigger with 10,000 finished runs deleted, a pipeline with as many renamed, runs purged."""
import pytest

from harness import metrics
from harness.flow import Monitor

pytestmark = pytest.mark.statement("S33")

RUNS = 10_000
FILL = """
INSERT INTO pipeline_run (pipeline_uuid, status, pipeline_schedule_id, execution_date, started_at,
                          completed_at, passed_sla, executor_type, variables)
SELECT 'daily_sales', (ARRAY['COMPLETED', 'FAILED', 'CANCELLED'])[1 + i %% 3]::pipelinerunstatus, %s,
       now(), now(), now(), i %% 7 = 0, 'LOCAL_PYTHON', '{"partner": "acme"}'
FROM generate_series(1, %s) AS i
"""


def fill(source):
    trigger = source.execute("INSERT INTO pipeline_schedule (name, pipeline_uuid) "
                             "VALUES ('hourly', 'daily_sales') RETURNING id")[0][0]
    source.execute(FILL, [trigger, RUNS])
    return trigger


def counters(monitor):
    """What may not move: every counter of runs, without the gauges."""
    return {key: value for key, value in monitor.settled().items()
            if key[0] in metrics.NAMES.values() and key[0].endswith(("_total", "_count"))}


def rewrite(source, trigger):
    with source.connect() as connection:
        with connection.transaction():  # as Mage deletes a trigger
            connection.execute("UPDATE pipeline_run SET pipeline_schedule_id = NULL, "
                               "updated_at = now() WHERE pipeline_schedule_id = %s", [trigger])
            connection.execute("DELETE FROM pipeline_schedule WHERE id = %s", [trigger])
        connection.execute("UPDATE pipeline_run SET pipeline_uuid = 'sales_v2', updated_at = now() "
                           "WHERE pipeline_uuid = 'daily_sales'")
        connection.execute("DELETE FROM pipeline_run WHERE id % 2 = 0")


@pytest.fixture
def monitor(programs, emulator, topic, ledger):
    subscription = emulator.create_subscription(f"{topic[0]}-pull", topic[0])
    return Monitor(programs, ledger, "--subscription", subscription,
                   "--export", "prometheus", env=emulator.environment())


def wait_delivered(source, monitor):
    """Until the monitor has applied every change that the database knows of."""
    changes = source.execute("SELECT count(*) FROM walpulse_truth.audit")[0][0]
    monitor.wait_total(changes, "walpulse_event_processed_count_total", seconds=240,
                       outcome="applied")


def test_rewriting_and_purging_known_runs_moves_no_counter(source, monitor, emulator, topic):
    source.connector(topic[1], env=emulator.environment())
    trigger = fill(source)
    monitor.wait_equal(source)
    before = counters(monitor)
    assert sum(before.values()) > 2 * RUNS
    rewrite(source, trigger)
    wait_delivered(source, monitor)
    assert counters(monitor) == before
    monitor.wait_equal(source)


def test_rewriting_and_purging_runs_from_before_the_ledger_moves_no_counter(
        bare_source, monitor, emulator, topic):
    source = bare_source
    source.execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")
    trigger = fill(source)
    source.execute("ALTER TABLE pipeline_run ENABLE TRIGGER USER")
    source.setup()
    source.connector(topic[1], env=emulator.environment())
    rewrite(source, trigger)
    source.insert_run(pipeline_uuid="sales_v2")  # so that there is something to count
    wait_delivered(source, monitor)
    monitor.wait_equal(source)
    assert sum(counters(monitor).values()) == 1
