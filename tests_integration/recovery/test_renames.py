"""The table is what the publication's comment says by its OID, whatever it is called at the
time. Its rows are delivered under the name of the setup; the gap is another table under that name,
and nothing beyond it is confirmed."""
import json

import pytest

from harness import replays, snapshots
from harness.flow import stdout_events
from harness.programs import fetch, run, wait_until

GAP = 3
WATCH = "--publication-check", "300ms"

# What is done to the table, what it is called meanwhile, and how its name comes back.
RENAMES = {
    "another name": (["ALTER TABLE pipeline_run RENAME TO pr2"], "pr2",
                     ["ALTER TABLE pr2 RENAME TO pipeline_run"]),
    "another schema": (["CREATE SCHEMA archive", "ALTER TABLE pipeline_run SET SCHEMA archive"],
                       "archive.pipeline_run",
                       ["ALTER TABLE archive.pipeline_run SET SCHEMA public"]),
    "the schema's name": (["CREATE SCHEMA first", "ALTER TABLE pipeline_run SET SCHEMA first",
                           "ALTER SCHEMA first RENAME TO second"], "second.pipeline_run",
                          ["ALTER TABLE second.pipeline_run SET SCHEMA public"]),
}


def insert(source, table, pipeline):
    source.execute(f"INSERT INTO {table} (pipeline_uuid, status, passed_sla) "
                   "VALUES (%s, 'INITIAL', false)", [pipeline])


def all_of(source, statements):
    for statement in statements:
        source.execute(statement)


def pipelines(events):
    assert {(event["source"]["schema"], event["source"]["table"]) for event in events} == {
        ("public", "pipeline_run")}
    return [event["after"]["pipeline_uuid"] for event in events]


def connector_of(source, sink, *arguments):
    return source.connector(sink.url(), *WATCH, *arguments, env=sink.environment())


@pytest.mark.statement("S20")
@pytest.mark.core("publication")
@pytest.mark.parametrize("how", RENAMES)
def test_a_table_that_is_renamed_there_and_back_loses_no_row(source, how):
    """Read only after it is all over, and nowhere else."""
    away, name, back = RENAMES[how]
    insert(source, "pipeline_run", "before")
    all_of(source, away)
    insert(source, name, "meanwhile")
    all_of(source, back)
    insert(source, "pipeline_run", "the_last")
    assert pipelines(stdout_events(source)) == ["before", "meanwhile", "the_last"]


@pytest.mark.statement("S20")
@pytest.mark.core("publication")
def test_a_table_that_is_renamed_in_mid_transaction_loses_no_row(source):
    with source.connect() as connection, connection.transaction():
        for statement in ("INSERT INTO pipeline_run (pipeline_uuid) VALUES ('one')",
                          "ALTER TABLE pipeline_run RENAME TO pr2",
                          "INSERT INTO pr2 (pipeline_uuid) VALUES ('two')",
                          "ALTER TABLE pr2 RENAME TO pipeline_run",
                          "INSERT INTO pipeline_run (pipeline_uuid) VALUES ('the_last')"):
            connection.execute(statement)
    assert pipelines(stdout_events(source)) == ["one", "two", "the_last"]


@pytest.mark.statement("S20")
@pytest.mark.core("publication")
@pytest.mark.parametrize("how", RENAMES)
def test_a_table_that_stays_renamed_goes_on(source, sink, how):
    """Live and over restarts, in a replay and in a snapshot; every command finds it."""
    away, name, back = RENAMES[how]
    replays.anchor_of(source)
    begin = replays.end(source)
    connector = connector_of(source, sink)
    insert(source, "pipeline_run", "before")
    sink.wait_for(1, what=connector.text)
    all_of(source, away)
    insert(source, name, "seen by the watch")
    sink.wait_for(2, what=connector.text)
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 10, connector.text)
    assert connector.stop() == 0, connector.text()
    insert(source, name, "while nobody looked")
    connector.start()
    sink.wait_for(3, what=connector.text)
    source.wait_confirmed()
    sink.check(3)
    assert "gap" not in connector.text() and connector.running()

    lines = replays.replayed(source, "--from", begin)
    assert pipelines(list(map(json.loads, lines))) == ["before", "seen by the watch",
                                                 "while nobody looked"]
    if "." in name:
        source.execute(f"GRANT USAGE ON SCHEMA {name.split('.')[0]} TO walpulse")
    rows = snapshots.rows_of(source)
    assert pipelines(rows) == ["before", "seen by the watch", "while nobody looked"]
    for command in ("setup", "status", "doctor"):
        admin = [] if command == "status" else ["--admin-dsn", source.owner_dsn]
        done = run("walpulse-connector", command, *source.flags(), *admin)
        assert "there is no table" not in done.stdout + done.stderr, done.stdout + done.stderr
        assert "gap" not in done.stdout + done.stderr, done.stdout + done.stderr
    all_of(source, back)
    insert(source, "pipeline_run", "back again")
    sink.wait_for(4, what=connector.text)
    assert connector.stop() == 0, connector.text()


@pytest.mark.statement("S20")
@pytest.mark.core("publication")
def test_recover_and_teardown_find_a_renamed_table(source, sink):
    source.insert_run()
    source.execute("ALTER TABLE pipeline_run RENAME TO pr2")
    done = run("walpulse-connector", "recover", *source.flags(), "--admin-dsn", source.owner_dsn,
               "--yes", "--to", sink.url(), env=sink.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    connector = connector_of(source, sink)
    insert(source, "pr2", "after")
    sink.wait_for(2, what=connector.text)
    assert all("/public.pipeline_run/" in event for event in sink.ids()), sink.ids()
    assert connector.stop() == 0, connector.text()
    done = run("walpulse-connector", "teardown", *source.flags(), "--admin-dsn", source.owner_dsn,
               "--yes")
    assert done.returncode == 0, done.stdout + done.stderr


# How another table with the captured one's name comes to be published beside it.
NAMESAKES = {
    "added": ["ALTER TABLE pipeline_run RENAME TO pr2",
              "CREATE TABLE pipeline_run (LIKE pr2 INCLUDING ALL)",
              "ALTER PUBLICATION walpulse ADD TABLE pipeline_run"],
    "swapped": ["CREATE TABLE other (LIKE pipeline_run INCLUDING ALL)",
                "ALTER PUBLICATION walpulse ADD TABLE other",
                "ALTER TABLE pipeline_run RENAME TO pr2",
                "ALTER TABLE other RENAME TO pipeline_run"],
    "put into the schema": ["CREATE SCHEMA archive",
                            "ALTER TABLE pipeline_run SET SCHEMA archive",
                            "CREATE TABLE pipeline_run (LIKE archive.pipeline_run INCLUDING ALL)",
                            "ALTER PUBLICATION walpulse ADD TABLE pipeline_run"],
}


@pytest.mark.statement("S20")
@pytest.mark.core("publication")
@pytest.mark.parametrize("how", NAMESAKES)
@pytest.mark.parametrize("running", [True, False])
def test_another_table_under_the_name_is_the_gap_and_nothing_beyond_is_confirmed(
        source, sink, how, running):
    connector = source.connector(sink.url(), "--publication-check", "10m", env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    if not running:
        assert connector.stop() == 0
    renamed = "archive.pipeline_run" if how == "put into the schema" else "pr2"
    all_of(source, NAMESAKES[how])
    insert(source, renamed, "of the table")
    before = source.end_of_log()
    insert(source, "pipeline_run", "of the other one")
    insert(source, renamed, "beyond")
    if not running:
        connector.start()
    for _ in range(2):
        assert connector.wait(40) == GAP, connector.text()
        assert "nothing was skipped" not in connector.text(), connector.text()
        assert source.server.psql(
            f"SELECT confirmed_flush_lsn <= '{before}' FROM pg_replication_slots "
            f"WHERE slot_name = '{source.slot}'") == "t", source.slot_row()
        assert len(sink.ids()) == 2, sink.ids()
        connector.start()


@pytest.mark.statement("S20")
@pytest.mark.core("publication")
@pytest.mark.parametrize("between", [
    [], ["INSERT INTO pr2 (pipeline_uuid, status, passed_sla) VALUES ('ours', 'INITIAL', false)"]])
def test_a_replay_ends_at_another_tables_row_though_it_was_described_before(source, between):
    """Of a time the log is read from the anchor on: the table was described before the range."""
    replays.anchor_of(source)
    source.insert_run()
    all_of(source, NAMESAKES["swapped"])
    insert(source, "pipeline_run", "of the other one")
    begin = source.server.psql("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
                               "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
    all_of(source, between)
    insert(source, "pipeline_run", "of the other one")
    all_of(source, ["ALTER TABLE pipeline_run RENAME TO other",
                    "ALTER TABLE pr2 RENAME TO pipeline_run"])
    done = replays.replay(source, "--from", begin)
    assert done.returncode != 0 and "bears the captured one's name" in done.stderr, done.stderr
    assert ("nothing of the range is older" in done.stderr) == (not between), done.stderr
    assert len(done.stdout.splitlines()) == len(between)


@pytest.mark.core("publication")
def test_events_keep_the_databases_name_of_the_setup(source, server):
    insert(source, "pipeline_run", "before")
    (event,) = stdout_events(source, until=lambda event: event["after"]["pipeline_uuid"] == "before")
    assert event["source"]["db"] == source.name
    old, source.name = source.name, source.name + "_new"
    server.psql(f"ALTER DATABASE {old} RENAME TO {source.name}")
    source.dsn, source.owner_dsn = server.dsn(source.name, "walpulse"), server.dsn(source.name, "mage")
    insert(source, "pipeline_run", "the_last")
    events = stdout_events(source)
    assert [one["source"]["db"] for one in events] == [old, old]
    assert events[0] == event
    (row, last) = snapshots.rows_of(source)
    assert row["source"]["db"] == last["source"]["db"] == old
