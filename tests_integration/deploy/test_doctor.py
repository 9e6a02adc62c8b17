"""`doctor` names each misconfiguration with its cure, on servers made wrong on purpose."""
import json

import pytest

from harness.postgres import Postgres, free_port
from harness.programs import run

pytestmark = [pytest.mark.core("commands"), pytest.mark.statement("S28")]

MAGE_TABLES = "CREATE TABLE pipeline_run (id serial PRIMARY KEY, status text, variables json)"


@pytest.fixture(scope="module")
def wrong_server():
    """A server as a fresh install leaves it, and one slot that somebody else holds."""
    with Postgres(wal_level="replica", max_replication_slots="1",
                  max_slot_wal_keep_size="-1") as server:
        server.psql("CREATE ROLE mage LOGIN; CREATE ROLE walpulse LOGIN; CREATE DATABASE mage OWNER "
                    "mage")
        server.psql("ALTER SCHEMA public OWNER TO mage; SET ROLE mage; " + MAGE_TABLES, "mage")
        server.psql("SELECT pg_create_physical_replication_slot('somebody_elses')")
        yield server


def doctor(dsn, *arguments, env=None):
    """{check: finding with remedy} of everything that is not well, and the exit code."""
    done = run("walpulse-connector", "doctor", "--dsn", dsn, "--json", *arguments, env=env)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def failing(report):
    return {check["name"]: check for check in report["checks"] if check["level"] == "fail"}


def test_doctor_names_every_fault_of_a_fresh_server_at_once(wrong_server):
    code, report = doctor(wrong_server.dsn("mage", "walpulse"))
    faults = failing(report)
    assert code == 1
    assert {"wal_level", "role", "free_slots", "wal_keep_size"} <= set(faults), faults
    assert "logical" in faults["wal_level"]["remedy"] and faults["wal_level"]["restart"] is True
    assert "REPLICATION" in faults["role"]["remedy"]
    assert "max_slot_wal_keep_size" in faults["wal_keep_size"]["remedy"]
    assert any("publication" in name for name in faults), "no publication"
    assert all(fault["remedy"] for fault in faults.values())


def test_doctor_is_content_with_what_setup_made(source, emulator, topic):
    code, report = doctor(source.dsn, "--slot", source.slot, "--admin-dsn", source.owner_dsn,
                          "--to", topic[1], env=emulator.environment())
    assert code == 0 and failing(report) == {}, report


@pytest.mark.parametrize("statements, check, words", [
    pytest.param(["ALTER TABLE pipeline_run REPLICA IDENTITY FULL",
                  "ALTER PUBLICATION walpulse SET TABLE pipeline_run (id, status)"], "column_list",
                 "FULL", marks=pytest.mark.since(15)),
    pytest.param(["ALTER PUBLICATION walpulse SET TABLE pipeline_run WHERE (id > 7)"], "row_filter",
                 "id > 7", marks=pytest.mark.since(15)),
    (["ALTER PUBLICATION walpulse SET (publish = 'insert')"], "operations", "insert"),
    (["ALTER TABLE pipeline_run REPLICA IDENTITY NOTHING"], "replica_identity", "NOTHING"),
    (["ALTER TABLE pipeline_run ADD COLUMN code integer NOT NULL DEFAULT 1 UNIQUE",
      "ALTER TABLE pipeline_run REPLICA IDENTITY USING INDEX pipeline_run_code_key"],
     "replica_identity", "code, without id"),
    (["ALTER TABLE pipeline_run DROP CONSTRAINT pipeline_run_pkey CASCADE",
      "ALTER TABLE pipeline_run ADD COLUMN code serial PRIMARY KEY"], "replica_identity",
     "primary key code, without id"),
    (["ALTER TABLE pipeline_run ALTER COLUMN created_at DROP DEFAULT",
      "ALTER TABLE pipeline_run ALTER COLUMN created_at TYPE text"], "columns",
     "created_at (text, not timestamp with time zone)"),
    (["ALTER TABLE pipeline_run ALTER COLUMN passed_sla TYPE text"], "columns",
     "passed_sla (text, not boolean)"),
    (["ALTER TABLE pipeline_run ALTER COLUMN completed_at TYPE date"], "columns",
     "completed_at (date, not timestamp with time zone)"),
    (["DROP PUBLICATION walpulse"], "publication", "walpulse"),
    (["ALTER PUBLICATION walpulse DROP TABLE pipeline_run"], "publication", "pipeline_run"),
])
def test_doctor_names_what_somebody_changed_since_setup(source, statements, check, words):
    for statement in statements:
        source.execute(statement)
    code, report = doctor(source.dsn, "--slot", source.slot)
    faults = failing(report)
    assert code == 1 and check in faults, report
    assert words in faults[check]["finding"] and faults[check]["remedy"]


def test_doctor_names_a_missing_topic_a_sink_that_is_down_and_a_missing_grant(source, emulator):
    env = emulator.environment()
    for sink in ("pubsub://walpulse-local/no-such-topic", f"http://127.0.0.1:{free_port()}/push"):
        code, report = doctor(source.dsn, "--slot", source.slot, "--to", sink, env=env)
        assert code == 1 and failing(report), sink
    source.execute("REVOKE SELECT ON pipeline_run FROM walpulse")
    code, report = doctor(source.dsn, "--slot", source.slot)
    assert "SELECT" in json.dumps(report)


def test_doctor_says_when_the_server_cannot_be_reached():
    code, report = doctor("host=127.0.0.1 port=1 dbname=mage user=walpulse")
    assert code == 1 and "port" in json.dumps(report).lower()


def test_doctor_prints_lines_for_people(wrong_server):
    done = run("walpulse-connector", "doctor", "--dsn", wrong_server.dsn("mage", "walpulse"))
    assert done.returncode == 1
    assert "wal_level" in done.stdout and "ALTER SYSTEM SET wal_level" in done.stdout
    assert "restart" in done.stdout


def warnings(report):
    return {check["name"]: check for check in report["checks"] if check["level"] == "warn"}


@pytest.mark.parametrize("columns, primary_key, words", [
    ("id, status", None, None),
    ("id, status", "id, status", "change of status"),
    ("status, id", "id, status", "change of status"),
])
def test_doctor_warns_of_a_key_that_changes_with_the_run(source, columns, primary_key, words):
    """And its remedy is one."""
    source.execute("ALTER TABLE pipeline_run ALTER status SET NOT NULL")
    if primary_key:
        source.execute("ALTER TABLE pipeline_run DROP CONSTRAINT pipeline_run_pkey CASCADE")
        source.execute(f"ALTER TABLE pipeline_run ADD PRIMARY KEY ({primary_key})")
    source.execute(f"CREATE UNIQUE INDEX wide ON pipeline_run ({columns})")
    source.execute("ALTER TABLE pipeline_run REPLICA IDENTITY USING INDEX wide")
    code, report = doctor(source.dsn, "--slot", source.slot)
    found = warnings(report).get("replica_identity")
    assert code == 0 and bool(found) == bool(words), report
    if not found:
        return
    assert words in found["finding"]
    for statement in found["remedy"].split("; "):
        source.execute(statement)
    code, report = doctor(source.dsn, "--slot", source.slot)
    assert code == 0 and "replica_identity" not in warnings(report), report


@pytest.mark.parametrize("sort, words", [
    ("timestamp", "created_at: times without a zone"),
    ("zoneless", "created_at: times without a zone"),
    ("zoned", None),
])
def test_doctor_says_how_times_are_read(source, sort, words):
    """Also where a column's type is a domain, or a domain over one."""
    source.execute("CREATE DOMAIN wall AS timestamp; CREATE DOMAIN zoneless AS wall; "
                   "CREATE DOMAIN zoned AS timestamptz")
    source.execute(f"ALTER TABLE pipeline_run ALTER COLUMN created_at TYPE {sort}")
    code, report = doctor(source.dsn, "--slot", source.slot)
    assert code == 0, report
    assert words == (warnings(report)["columns"]["finding"].split(",")[0] if words else None)
    assert ("columns" in warnings(report)) == bool(words)


HIDE = "ALTER TABLE pipeline_run ENABLE ROW LEVEL SECURITY"


@pytest.mark.parametrize("statements", [
    [HIDE],
    [HIDE, "CREATE POLICY half ON pipeline_run FOR SELECT TO walpulse USING (id % 2 = 0)"],
    [HIDE, "GRANT SELECT ON pipeline_run TO PUBLIC",
     "CREATE POLICY nearly ON pipeline_run USING (true)"],
])
def test_rows_that_policies_hide_are_not_taken_for_gone(source, statements):
    source.insert_runs(3)
    for statement in statements:
        source.execute(statement)
    remedy = 'ALTER ROLE "walpulse" WITH BYPASSRLS;'
    code, report = doctor(source.dsn, "--slot", source.slot)
    assert code == 0 and warnings(report)["row_security"]["remedy"] == remedy, report
    taken = run("walpulse-connector", "snapshot", *source.flags(), "--to", "stdout")
    assert taken.returncode == 1 and "WITH BYPASSRLS;" in taken.stderr, taken.stdout + taken.stderr
    again = run("walpulse-connector", "recover", *source.flags(), "--admin-dsn", source.owner_dsn,
                "--to", f"http://127.0.0.1:{free_port()}/push", "--yes")
    assert again.returncode == 1 and remedy in again.stderr, again.stdout + again.stderr
    assert source.slot_row() != "", "it was refused before anything was dropped"
    source.server.psql(remedy)
    try:
        taken = run("walpulse-connector", "snapshot", *source.flags(), "--to", "stdout")
        assert taken.returncode == 0 and taken.stdout.count('"op":"r"') == 3, taken.stderr
    finally:
        source.server.psql('ALTER ROLE "walpulse" WITH NOBYPASSRLS')
