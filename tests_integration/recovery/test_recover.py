"""`recover`: the one way on after a gap. Publication, slot and anchor anew, the epoch raised, every
row read once; then `run` goes on and the monitor is whole again. Killed at any step, it is a gap as
before, and `recover` is run again."""
import signal
import subprocess

import pytest

from harness.flow import Monitor
from harness.postgres import psql_program
from harness.programs import clean_environment, run, wait_until
from harness.recoveries import GAP, deliver, flags, identity, recover, recovered

pytestmark = pytest.mark.statement("recover")


@pytest.fixture
def monitor(programs, ledger):
    return Monitor(programs, ledger, "--export", "prometheus")


def drop_slot(source):
    source.server.psql(f"SELECT pg_drop_replication_slot('{source.slot}')")


def drop_publication(source):
    source.execute("DROP PUBLICATION walpulse")


def alter_publication(source):
    source.execute("ALTER PUBLICATION walpulse SET (publish = 'insert')")
    source.execute("ALTER PUBLICATION walpulse SET (publish = 'insert, update, delete, truncate')")


def drop_all(source):
    drop_slot(source)
    drop_publication(source)


@pytest.mark.core("recover")
@pytest.mark.parametrize("lose, words", [
    (drop_slot, "there is no slot"), (drop_publication, "there is no publication"),
    (alter_publication, "was altered"), (drop_all, "there is no slot")])
def test_after_any_gap_recover_begins_anew_and_every_series_is_whole(source, monitor, lose, words):
    connector = deliver(source, monitor, 1)
    before = source.epoch
    lose(source)
    connector.start()
    assert connector.wait(40) in (GAP, 1), connector.text()
    assert "recover" in connector.text() or lose is drop_all, connector.text()

    told = recovered(source, monitor)
    assert words in told and "recovered" in told, told
    assert identity(source)["epoch"] > before
    assert source.server.psql("SELECT count(*) FROM pg_replication_slots "
                              f"WHERE slot_name IN ('{source.slot}', '{source.slot}_anchor')") == "2"
    source.epoch = identity(source)["epoch"]
    connector.start()
    source.simulate("--runs", 40, "--rate", 0, "--seed", 2)
    monitor.wait_equal(source)  # nothing was written in between: nothing is missing, or there twice
    assert connector.running()


def test_what_changed_unseen_is_known_by_its_state_and_counts_from_there(source, monitor):
    connector = source.connector(f"{monitor.url}/push")
    finished, deleted, kept = (source.insert_run(status="RUNNING") for _ in range(3))
    active = "walpulse_pipeline_run_active"
    monitor.wait_total(3, active)
    source.wait_confirmed()
    assert connector.stop() == 0
    drop_slot(source)
    source.execute("UPDATE pipeline_run SET status = 'COMPLETED' WHERE id = %s", [finished])
    source.execute("DELETE FROM pipeline_run WHERE id = %s", [deleted])
    unseen = source.insert_run(status="RUNNING", pipeline_uuid="unseen")
    recovered(source, monitor)
    connector.start()
    monitor.wait_total(2, active)
    monitor.wait_total(1, active, pipeline="unseen")
    done = "walpulse_pipeline_run_finished_count_total"
    assert monitor.total(done) == 0, "a step that nobody saw is no count"
    source.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE id IN (%s, %s)",
                   [kept, unseen])
    monitor.wait_total(2, done, status="FAILED")
    monitor.wait_total(0, active)


@pytest.mark.core("recover")
def test_a_table_made_anew_is_captured_again(source, monitor):
    deliver(source, monitor, 1)
    source.execute("ALTER TABLE pipeline_run RENAME TO pipeline_run_old")
    source.execute("CREATE TABLE pipeline_run (LIKE pipeline_run_old INCLUDING ALL)")
    refused = recover(source, monitor)
    assert refused.returncode == 1 and "GRANT SELECT" in refused.stderr, refused.stderr
    source.execute("GRANT SELECT ON pipeline_run TO walpulse")
    assert "was made anew" in recovered(source, monitor)
    created = "walpulse_pipeline_run_created_count_total"
    before = monitor.settled() and monitor.total(created)
    connector = source.connector(f"{monitor.url}/push")
    source.insert_run(pipeline_uuid="of_the_new_table")
    monitor.wait_total(before + 1, created)
    assert connector.running()


def test_it_asks_explains_and_refuses_before_it_touches_anything(source, monitor):
    connector = source.connector(f"{monitor.url}/push")
    wait_until(lambda: source.slot_row("active") == "t", 20, connector.text)
    refused = recover(source, monitor)
    assert refused.returncode == 1 and "is in use by pid" in refused.stderr, refused.stderr
    assert connector.running() and connector.stop() == 0
    before = identity(source), source.slot_row("restart_lsn")
    asked = run("walpulse-connector", "recover", *flags(source, monitor), text_input="")
    assert asked.returncode == 1 and asked.stderr.rstrip().endswith("--yes"), asked.stderr
    assert "nothing is wrong as far as the catalogs tell" in asked.stdout, asked.stdout
    assert "lost " in asked.stdout and "epoch above" in asked.stdout, asked.stdout
    monitor.program.stop()
    down = recover(source, monitor)
    assert down.returncode != 0 and "nothing was changed" in down.stderr, down.stderr
    assert (identity(source), source.slot_row("restart_lsn")) == before


def hold_publication(source):
    """Nobody can publish the table meanwhile."""
    connection = source.connect()
    connection.autocommit = False
    connection.execute("LOCK TABLE pipeline_run IN SHARE MODE")
    return connection


def hold_slot(source):
    """The server waits for this transaction before it makes a slot."""
    connection = source.connect()
    connection.autocommit = False
    connection.execute("CREATE TABLE unfinished ()")
    return connection


@pytest.mark.parametrize("step", ["publication", "slot", "snapshot"])
def test_killed_at_any_step_it_is_a_gap_and_is_run_again(source, monitor, programs, step):
    connector = deliver(source, monitor, 1)
    before = source.epoch
    drop_slot(source)
    held = hold_publication(source) if step == "publication" else hold_slot(source)
    command = programs.start("walpulse-connector", "recover", *flags(source, monitor), "--yes")
    reached = {"publication": "dropped  anchor", "slot": "making   slot",
               "snapshot": "making   slot"}[step]
    wait_until(lambda: reached in command.text(), 20, command.text)
    if step == "snapshot":
        monitor.program.signal(signal.SIGSTOP)
        held.rollback()
        wait_until(lambda: "reading " in command.text(), 30, command.text)
    else:
        source.server.psql("SELECT pg_sleep(0.5)")
    command.kill()
    held.rollback()
    held.close()
    monitor.program.signal(signal.SIGCONT)
    wait_until(lambda: source.slot_row("active") in ("", "f"), 40, source.slot_row)

    for name, arguments in (("status", ()), ("setup", ("--admin-dsn", source.owner_dsn))):
        told = run("walpulse-connector", name, *source.flags(), *arguments)
        assert told.returncode == GAP, (name, told.stdout, told.stderr)
    connector.start()
    assert connector.wait(40) == GAP, connector.text()
    recovered(source, monitor)
    assert identity(source)["epoch"] > before
    source.epoch = identity(source)["epoch"]
    connector.start()
    source.simulate("--runs", 40, "--rate", 0, "--seed", 2)
    monitor.wait_equal(source)


@pytest.mark.core("recover")
def test_the_dbas_script_and_a_snapshot_do_the_same(source, monitor):
    connector = deliver(source, monitor, 1)
    before = source.epoch
    drop_slot(source)
    script = run("walpulse-connector", "recover", *source.flags(), "--print-sql").stdout
    said = source.server.psql(script, source.name)
    assert said.endswith("walpulse-connector snapshot --to SINK, then walpulse-connector run --to SINK")
    assert source.server.psql("SELECT p.pubowner = c.relowner FROM pg_publication p, pg_class c WHERE "
                              "c.oid = 'pipeline_run'::regclass", source.name) == "t"
    assert identity(source)["epoch"] > before and identity(source)["name"] == source.name
    done = run("walpulse-connector", "snapshot", *source.flags(), "--to", f"{monitor.url}/push",
               "--label", "partner=variables.partner")
    assert done.returncode == 0, done.stderr
    source.epoch = identity(source)["epoch"]
    connector.start()
    source.simulate("--runs", 40, "--rate", 0, "--seed", 2)
    monitor.wait_equal(source)


def psql(source, script):
    return subprocess.run(
        [psql_program(source.server.bin), "-X", "-d", source.server.dsn(source.name, "postgres"),
         "-f", "-"], input=script, text=True, capture_output=True, env=clean_environment())


@pytest.mark.parametrize("interrupted", [False, True])
@pytest.mark.parametrize("renamed", ['RENAME TO "Of \'23"', "SET SCHEMA later"])
def test_the_dbas_script_finds_a_table_that_has_another_name_now(source, renamed, interrupted):
    before = identity(source)
    source.execute("CREATE SCHEMA later")
    source.execute(f"ALTER TABLE pipeline_run {renamed}")
    script = run("walpulse-connector", "recover", *source.flags(), "--print-sql").stdout
    if interrupted:
        assert psql(source, script[:script.index("-- 4.")]).returncode == 0
    done = psql(source, script)
    assert done.returncode == 0, done.stderr
    after = identity(source)
    assert after["epoch"] > before["epoch"] and after["follows"]
    for kept in ("name", "system_identifier", "table", "schema", "table_name", "database"):
        assert after[kept] == before[kept]
    assert source.slot_row("slot_name") == source.slot


@pytest.mark.parametrize("other", ["", "CREATE VIEW pipeline_run AS SELECT 1 AS id"])
def test_the_dbas_script_drops_nothing_where_there_is_no_table(source, other):
    slots = "SELECT count(*) FROM pg_replication_slots"
    before = source.server.psql(slots)
    source.execute("DROP TABLE pipeline_run CASCADE")
    if other:
        source.execute(other)
    script = run("walpulse-connector", "recover", *source.flags(), "--print-sql").stdout
    done = psql(source, script)
    assert done.returncode == 3, done.stdout
    assert source.server.psql(slots) == before
    assert identity(source)["epoch"] == source.epoch


def test_the_epoch_rises_above_one_that_only_the_operator_knows(source, monitor):
    drop_publication(source)
    ahead = source.epoch + 10_000_000
    recovered(source, monitor, "--epoch-above", ahead, "--name", "as_before")
    assert identity(source)["epoch"] > ahead and identity(source)["name"] == "as_before"
