"""What becomes of transactions, read off the events themselves."""
import json
import random
import string

import pytest

from harness.flow import Monitor, stdout_events
from harness.programs import wait_until

# Noise, so that PostgreSQL cannot compress it into the row.
LARGE = json.dumps({"partner": "acme", "payload": "".join(random.Random(1).choices(
    string.ascii_letters, k=20_000))})


def event_ids(events):
    return [(event["source"]["commit_lsn"], event["source"]["ordinal"]) for event in events]


@pytest.mark.statement("S6")
@pytest.mark.core("transactions")
def test_rows_of_one_statement_and_of_copy_have_distinct_stable_ids(source):
    source.execute("INSERT INTO pipeline_run (pipeline_uuid, status) "
                   "SELECT 'insert', 'INITIAL' FROM generate_series(1, 500)")
    with source.connect() as connection:
        with connection.cursor().copy("COPY pipeline_run (pipeline_uuid, status) FROM STDIN") as copy:
            for _ in range(500):
                copy.write_row(("copy", "INITIAL"))
    source.insert_run(pipeline_uuid="the_last")
    events = stdout_events(source)
    ids = event_ids(events)
    assert len(set(ids)) == len(ids) == 1001 and ids == sorted(ids)
    by_kind = {kind: [event["source"]["ordinal"] for event in events
                      if event["after"]["pipeline_uuid"] == kind] for kind in ("insert", "copy")}
    assert by_kind == {"insert": list(range(500)), "copy": list(range(500))}
    assert event_ids(stdout_events(source)) == ids


@pytest.mark.statement("S7")
@pytest.mark.core("transactions")
def test_interleaved_transactions_arrive_whole_and_in_commit_order(source):
    with source.connect() as first, source.connect() as second:
        first.autocommit = second.autocommit = False
        for number in range(3):
            for name, connection in (("a", first), ("b", second)):
                connection.execute("INSERT INTO pipeline_run (pipeline_uuid, execution_date) "
                                   "VALUES (%s, now())", [f"{name}{number}"])
        second.commit()
        first.commit()
    source.insert_run(pipeline_uuid="the_last")
    assert [event["after"]["pipeline_uuid"] for event in stdout_events(source)] == [
        "b0", "b1", "b2", "a0", "a1", "a2", "the_last"]


@pytest.mark.statement("S8")
@pytest.mark.core("transactions")
def test_nothing_of_an_aborted_part_and_all_of_the_rest(source):
    insert = "INSERT INTO pipeline_run (pipeline_uuid) VALUES (%s)"
    with source.connect() as connection:
        connection.autocommit = False
        connection.execute(insert, ["kept 1"])
        for step, name in [("SAVEPOINT outer_one", "kept 2"), ("SAVEPOINT inner_one", "lost 1"),
                           ("ROLLBACK TO inner_one", "kept 3"), ("SAVEPOINT other", "lost 2")]:
            connection.execute(step)
            connection.execute(insert, [name])
        connection.execute("ROLLBACK TO other")
        connection.execute("RELEASE outer_one")
        connection.commit()
        connection.execute(insert, ["lost 3"])
        connection.rollback()
    source.insert_run(pipeline_uuid="the_last")
    events = stdout_events(source)
    assert [event["after"]["pipeline_uuid"] for event in events] == [
        "kept 1", "kept 2", "kept 3", "the_last"]
    assert [event["source"]["ordinal"] for event in events] == [0, 1, 2, 0]


@pytest.mark.statement("S10")
@pytest.mark.core("toast")
@pytest.mark.parametrize("identity", ["DEFAULT", "FULL", "USING INDEX identity"])
def test_an_unchanged_toasted_value_is_marked_and_never_null(source, identity):
    source.execute("CREATE UNIQUE INDEX identity ON pipeline_run (id)")
    source.execute(f"ALTER TABLE pipeline_run REPLICA IDENTITY {identity}")
    run_id = source.insert_run(variables=LARGE)
    source.execute("UPDATE pipeline_run SET status = 'RUNNING' WHERE id = %s", [run_id])
    source.execute("DELETE FROM pipeline_run WHERE id = %s", [run_id])
    source.insert_run(pipeline_uuid="the_last")
    insert, update, delete, _ = stdout_events(source, "--column", "variables")
    assert insert["after"]["variables"] == LARGE and insert["labels"] == {"partner": "acme"}
    if identity == "FULL":  # the old tuple holds it
        assert update["after"]["variables"] == LARGE and "unchanged" not in update
        assert update["before"]["status"] == "INITIAL" and delete["before"]["variables"] == LARGE
        assert update["labels"] == {"partner": "acme"}
    else:
        assert "variables" not in update["after"] and update["unchanged"] == ["variables"]
        assert update["before"] is None and "labels" not in update
        assert delete["before"] == {"id": run_id}
    assert update["after"]["status"] == "RUNNING" and delete["after"] is None


@pytest.mark.statement("S10")
@pytest.mark.core("toast")
@pytest.mark.parametrize("identity", ["DEFAULT", "FULL"])
def test_all_events_of_a_run_have_one_ordering_key(source, emulator, topic, programs, identity):
    source.execute(f"ALTER TABLE pipeline_run REPLICA IDENTITY {identity}")
    name, url = topic
    emulator.create_subscription(f"{name}-all", name, ordered=True)
    ids = [source.insert_run() for _ in range(5)]
    for status in ("RUNNING", "FAILED", "RUNNING", "COMPLETED"):
        source.execute("UPDATE pipeline_run SET status = %s", [status])
    source.execute("DELETE FROM pipeline_run")
    source.connector(url, env=emulator.environment())
    messages = []

    def all_there():
        messages.extend(message for message in emulator.pull(f"{name}-all")
                        if message["attributes"]["ce-type"] == "walpulse.change")
        return len({message["attributes"]["ce-id"] for message in messages}) >= 30

    wait_until(all_there, 30, lambda: f"{len(messages)} of 30 messages")
    keys = {}
    for message in messages:
        event = json.loads(message["data"])
        row = event["after"] or event["before"]
        keys.setdefault(row["id"], set()).add(message["orderingKey"])
    assert sorted(keys) == sorted(ids)
    assert all(len(found) == 1 for found in keys.values()), keys


@pytest.mark.statement("S19")
@pytest.mark.core("transactions")
def test_each_event_has_the_columns_of_its_time(source):
    def change(*statements):
        with source.connect() as connection, connection.transaction():
            for statement in statements:
                connection.execute(statement)

    def insert(columns="", values=""):
        return (f"INSERT INTO pipeline_run (pipeline_uuid{columns}) VALUES ('some'{values})")

    change(insert())
    change("ALTER TABLE pipeline_run ADD COLUMN executor_uri text DEFAULT 'none'")
    change(insert(", executor_uri", ", 'pod'"))
    change(insert(), "ALTER TABLE pipeline_run RENAME COLUMN executor_uri TO uri",
           insert(", uri", ", 'node'"), "ALTER TABLE pipeline_run DROP COLUMN uri", insert())
    change("ALTER TABLE pipeline_run DROP CONSTRAINT pipeline_run_backfill_id")
    change("ALTER TABLE pipeline_run ALTER COLUMN backfill_id TYPE integer[] USING NULL")
    source.insert_run(pipeline_uuid="the_last", backfill_id=[7])
    events = stdout_events(source)
    rows = [event["after"] for event in events if event["op"] == "c"]
    assert [row.get("executor_uri") for row in rows] == [None, "pod", "none", None, None, None]
    assert [row.get("uri") for row in rows] == [None, None, None, "node", None, None]
    assert ["executor_uri" in row or "uri" in row for row in rows] == [
        False, True, True, True, False, False]
    assert [row["backfill_id"] for row in rows] == [None] * 5 + ["{7}"]


@pytest.mark.statement("S19")
def test_a_changed_table_does_not_disturb_the_metrics(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    source.connector(f"{monitor.url}/push")
    simulation = source.start_simulation("--runs", 200, "--rate", 0, "--seed", 19)
    for statement in ("ADD COLUMN extra integer DEFAULT 7", "RENAME COLUMN extra TO more",
                      "ALTER COLUMN more TYPE text", "DROP COLUMN more"):
        source.execute(f"ALTER TABLE pipeline_run {statement}")
    assert simulation.wait(60) == 0
    monitor.wait_equal(source)
