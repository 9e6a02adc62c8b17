"""Small histories of one run, each a kind of its own, from the WAL to the metrics: the monitor says what
the database knows."""
import pytest

from harness.flow import Monitor
from harness.histories import HISTORIES, RUNNING, WAIT

pytestmark = pytest.mark.statement("flow")


@pytest.fixture
def monitor(source, programs):
    made = Monitor(programs, "memory", "--export", "prometheus")
    source.connector(f"{made.url}/push")
    return made


@pytest.mark.parametrize("history", HISTORIES)
def test_the_monitor_says_of_one_run_what_the_database_knows(source, monitor, history):
    trigger = source.execute("INSERT INTO pipeline_schedule (name) VALUES ('x') RETURNING id")[0][0]
    source.insert_run(pipeline_schedule_id=trigger, variables='{"partner": "acme"}')
    for statement in HISTORIES[history][0]:
        source.execute(statement)
    monitor.wait_equal(source, seconds=30)


EARLY = {"by its web process": ["SELECT 1", WAIT],
         "in a transaction that wrote before": ["INSERT INTO pipeline_schedule (name) VALUES ('x')",
                                                WAIT],
         "behind a savepoint": ["SELECT 1", WAIT, "SAVEPOINT a"]}


@pytest.mark.parametrize("begin", EARLY)
def test_a_run_made_in_an_old_transaction_is_as_old_as_its_commit(source, monitor, begin):
    with source.connect() as connection, connection.transaction():
        for statement in EARLY[begin]:
            connection.execute(statement)
        connection.execute("INSERT INTO pipeline_run (pipeline_uuid, status) "
                           "VALUES ('early', 'INITIAL')")
    source.execute(RUNNING)
    monitor.wait_equal(source, seconds=30)
    assert monitor.total("walpulse_pipeline_run_queue_time_seconds_sum") < 1
