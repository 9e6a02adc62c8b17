"""A table can leave the publication without a word: keepalives go on, rows are lost.
The connector delivers what the log still holds for certain, confirms nothing beyond, says what
happened and that `recover` is the way on, and ends with exit code 3, now and at every start."""
import pytest

from harness import postgres
from harness.programs import fetch, wait_until
from stand_ins.fault_sink import HANG

FAILED, GAP = 1, 3
WATCH = "--publication-check", "300ms"
COLUMNS = "(LIKE pipeline_run_old INCLUDING ALL)"

# What happens, and what the connector says of it.
DRIFTS = {
    "rename and create": (
        "ALTER TABLE pipeline_run RENAME TO pipeline_run_old;"
        f"CREATE TABLE pipeline_run {COLUMNS}", "made anew"),
    "drop and create": (
        "CREATE TABLE pipeline_run_old (LIKE pipeline_run INCLUDING ALL);"
        "DROP TABLE pipeline_run CASCADE;"
        f"CREATE TABLE pipeline_run {COLUMNS}", "made anew"),
    "drop": ("DROP TABLE pipeline_run CASCADE", "was dropped"),
    "taken out": ("ALTER PUBLICATION walpulse DROP TABLE pipeline_run",
                  "no longer in the publication"),
    "out and in again": (
        "ALTER PUBLICATION walpulse DROP TABLE pipeline_run;"
        "ALTER PUBLICATION walpulse ADD TABLE pipeline_run", "left the publication"),
    "fewer operations": ("ALTER PUBLICATION walpulse SET (publish = 'insert')",
                         "every operation"),
    "off and on again": (
        "ALTER PUBLICATION walpulse SET (publish = 'insert');"
        "ALTER PUBLICATION walpulse SET (publish = 'insert, update, delete, truncate')",
        "altered"),
    "a row filter": ("ALTER PUBLICATION walpulse SET TABLE pipeline_run WHERE (id > 1000000)",
                     "filters rows"),
    "publication dropped": ("DROP PUBLICATION walpulse", "dropped"),
    "publication made anew": (
        "DROP PUBLICATION walpulse; CREATE PUBLICATION walpulse FOR TABLE pipeline_run",
        "made anew"),
}


def ended_with_a_gap(connector, words):
    assert connector.wait(40) == GAP, connector.text()
    log = connector.text()
    assert '"severity":"ERROR"' in log and "gap" in log and "recover" in log, log
    assert words is None or words in log, log


def lose(source, statements):
    """Runs them; returns up to where the log is certain: until just before. Up to 14 their own
    transaction is sent too, though it holds no change, and may be confirmed."""
    before = source.end_of_log()
    source.execute(statements)
    return before if postgres.major() >= 15 else source.end_of_log()


def is_up_to(source, before):
    """Whether the slot confirmed nothing beyond the last thing that was certain."""
    return source.server.psql(
        f"SELECT confirmed_flush_lsn <= '{before}' FROM pg_replication_slots "
        f"WHERE slot_name = '{source.slot}'") == "t"


def stops_again(source, connector, name):
    """At every further start, and leaves the slot alone. A publication without the comment may be
    an interrupted setup as well: then it is no gap for sure."""
    held = source.slot_row("confirmed_flush_lsn")
    connector.start()
    assert connector.wait(40) == (FAILED if name == "publication made anew" else GAP)
    assert "recover" in connector.text(), connector.text()
    # Up to 14 transactions without changes are sent too, such as autovacuum's.
    assert source.slot_row("confirmed_flush_lsn") == held or postgres.major() < 15


@pytest.mark.statement("S19", "S20")
@pytest.mark.core("publication")
@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.since(15)) if name == "a row filter" else name
    for name in DRIFTS])
def test_a_table_that_leaves_the_publication_is_a_gap_and_nothing_is_confirmed_beyond(
        source, sink, name):
    statements, words = DRIFTS[name]
    connector = source.connector(sink.url(), *WATCH, env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    sink.behave(HANG)  # so that what is certain is not confirmed before the table leaves
    source.insert_run()
    before = lose(source, statements)
    source.server.psql("SELECT pg_switch_wal()")  # keepalives tell of positions far beyond
    wait_until(lambda: "gap" in connector.text() or not connector.running(), 30, connector.text)
    sink.behave("accept")
    ended_with_a_gap(connector, None if "publication" in name else words)
    assert len(sink.acknowledged) == 2, "what the log holds for certain is delivered"
    assert is_up_to(source, before), source.slot_row()
    stops_again(source, connector, name)


@pytest.mark.statement("S20")
@pytest.mark.core("publication")
@pytest.mark.parametrize("name", ["rename and create", "taken out", "publication dropped",
                                  "publication made anew"])
def test_a_table_that_left_while_nobody_looked_is_a_gap_at_the_start(source, sink, name):
    statements, _ = DRIFTS[name]
    connector = source.connector(sink.url(), *WATCH, env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    assert connector.stop() == 0
    source.insert_run()
    before = lose(source, statements)
    connector.start()
    assert connector.wait(40) != 0
    assert is_up_to(source, before), source.slot_row()
    stops_again(source, connector, name)
    stops_again(source, connector, name)


@pytest.mark.statement("S20")
@pytest.mark.core("publication")
def test_a_publication_that_is_missing_in_the_log_is_a_gap_before_any_watch_sees_it(source,
                                                                                    sink):
    """Up to 17 the server ends the stream (42704); 18 only warns, and leaves the changes out."""
    connector = source.connector(sink.url(), "--publication-check", "10m", env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    source.execute("DROP PUBLICATION walpulse")
    with source.connect() as connection, connection.transaction():
        connection.execute("INSERT INTO pipeline_run (pipeline_uuid) VALUES ('lost')")
        before = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]
    ended_with_a_gap(connector, None)
    assert len(sink.ids()) == 1 and is_up_to(source, before), source.slot_row()


@pytest.mark.statement("S20")
def test_another_table_in_the_publication_disturbs_nothing(source, sink):
    connector = source.connector(sink.url(), *WATCH, env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.execute("CREATE TABLE other (id int PRIMARY KEY);"
                   "ALTER PUBLICATION walpulse ADD TABLE other;"
                   "INSERT INTO other VALUES (1)")
    source.insert_run()
    sink.wait_for(2, what=connector.text)
    source.execute("ALTER PUBLICATION walpulse DROP TABLE other")
    source.insert_run()
    sink.wait_for(3, what=connector.text)
    source.wait_confirmed()
    assert connector.running() and fetch(f"{connector.url}/readiness")[0] == 200
    sink.check(3)


@pytest.mark.statement("S19")
def test_columns_come_and_go_between_and_inside_transactions_without_a_gap(source, sink):
    connector = source.connector(sink.url(), *WATCH, env=sink.environment())
    count = 0
    for statement in ("ADD COLUMN note text", "RENAME COLUMN note TO remark",
                      "ALTER COLUMN remark TYPE varchar(80)", "DROP COLUMN remark"):
        source.insert_run()
        with source.connect() as connection:
            connection.autocommit = False
            connection.execute("INSERT INTO pipeline_run (pipeline_uuid) VALUES ('before')")
            connection.execute(f"ALTER TABLE pipeline_run {statement}")
            connection.execute("INSERT INTO pipeline_run (pipeline_uuid) VALUES ('after')")
            connection.commit()
        count += 3
    sink.wait_for(count, what=connector.text)
    source.wait_confirmed()
    sink.check(count)
    assert connector.running() and fetch(f"{connector.url}/readiness")[0] == 200
