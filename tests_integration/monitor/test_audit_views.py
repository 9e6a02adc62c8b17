"""What an auditor reads of a ledger in PostgreSQL, by SQL alone, beside what Mage's database says."""
import datetime
import json

import pytest

from harness import problems, truth
from harness.flow import Monitor
from harness.page_role import grant_page
from harness.programs import wait_until

pytestmark = pytest.mark.statement("audit")

VIEWS = ("runs", "run_steps", "triggers", "problems", "etl_audit_log")


@pytest.fixture
def audited(bare_source, programs, ledger_server, shared):
    """(source, what reads the ledger's schema as rows of dicts, its connection string)"""
    bare_source.setup(alone=False)
    monitor = Monitor(programs, shared[1])
    bare_source.connector(f"{monitor.url}/push")
    bare_source.simulate("--runs", 250, "--rate", 0, "--seed", 44, "--blocks", "--odds", "fail=0.3",
                         "--odds", "delete_trigger=0.05", "--odds", "change_key=0")
    monitor.wait_equal(bare_source)

    def rows(sql):
        text = ledger_server.psql(
            f"SET search_path = walpulse_ledger; SELECT coalesce(json_agg(x), '[]') FROM ({sql}) AS x", shared[0])
        return json.loads(text)
    return bare_source, rows, shared[1]


def instant(text):
    return text and datetime.datetime.fromisoformat(text)


def steps_by_audit(source):
    """run -> [(operation, status)] of each change of a status; a truncate is none of a run's."""
    found, before = {}, {}
    for one, op, status in source.execute(
            "SELECT id, op, status FROM walpulse_truth.audit WHERE op <> 't' ORDER BY seq"):
        if op in "cd" or one not in before or before[one] != status:
            found.setdefault(one, []).append((op, status if op != "d" else None))
        before[one] = status if op != "d" else object()
    return found


@pytest.mark.core("ledger")
def test_views_say_what_mages_database_says(audited):
    source, rows, _ = audited
    wait_until(lambda: len(rows("SELECT 1 FROM runs WHERE ended_at IS NOT NULL")) == len(truth.ends(source)), 30,
               "all ends are there")

    ended = {row["run"]: (row["pipeline"], row["status"]) for row in rows("SELECT * FROM runs WHERE ended_at IS NOT NULL")}
    assert ended == {one: (name, status) for one, (name, status, _) in truth.ends(source).items()}
    assert {row["run"] for row in rows("SELECT run FROM runs WHERE active")} == truth.active(source)

    steps = {}
    for row in rows("SELECT * FROM run_steps ORDER BY run, step"):
        steps.setdefault(row["run"], []).append((row["operation"], row["status"]))
    assert steps == steps_by_audit(source)
    assert not rows("SELECT 1 FROM run_steps WHERE commit_lsn NOT BETWEEN '0/1000000' AND '0/FFFFFFFF'")

    # Mage's own columns, of the rows that are there.
    known = {row["run"]: row for row in rows("SELECT * FROM etl_audit_log")}
    mages = source.execute("SELECT id, pipeline_uuid, status::text, started_at FROM pipeline_run")
    assert len(mages) > 150
    for one, pipeline, status, started in mages:
        row = known[one]
        assert row["pipeline_name"] == "mage_" + pipeline
        assert row["status"] in (status, "ORPHANED")
        assert instant(row["started_at"]) == started
        assert (row["source_name"], row["target_table"], row["rows_loaded"]) == (None, None, None)
    assert [row["pipeline_name"] for row in rows(r"SELECT * FROM etl_audit_log WHERE pipeline_name LIKE 'mage\_%'")]


def test_triggers_are_those_of_mage_with_all_their_settings(audited):
    source, rows, _ = audited
    told = {row["id"]: row for row in source.truth_of("triggers")}
    seen = {row["trigger_id"]: row for row in rows("SELECT * FROM triggers")}
    there = {one for one, row in told.items() if not row["deleted"]}
    assert {one for one, row in seen.items() if not row["deleted"]} == there and len(there) > 5
    assert any(row["deleted"] for row in seen.values())
    for one in there:
        ours, theirs = seen[one], told[one]
        for key in ("name", "pipeline", "schedule_type", "schedule_interval", "status", "sla", "repo_path"):
            assert ours[key] == theirs[key], (one, key)
        for key in ("start_time", "last_enabled_at"):
            assert instant(ours[key]) == instant(theirs[key]), (one, key)
        assert json.loads(ours["settings"] or "null") == theirs["settings"]


def test_problems_are_those_that_are_listed(audited):
    _, rows, dsn = audited
    listed = problems.problems(dsn, "--all")

    def seen():
        return sorted((row["kind"], row["source"], row["subject"], row["closed_at"] is None)
                      for row in rows("SELECT * FROM problems"))

    def wanted():
        return sorted((one["kind"], one["source"], one["subject"] or "", one.get("closed") is None)
                      for one in problems.problems(dsn, "--all"))
    wait_until(lambda: seen() == wanted() != [], 30, lambda: f"{seen()}\n{wanted()}\n{listed}")


def test_the_pages_role_reads_them_and_each_column_that_is_never_known_says_why(audited, ledger_server, shared):
    _, rows, _ = audited
    granted = grant_page(ledger_server, shared[0])[1]
    assert granted.returncode == 0, granted.stderr
    for view in VIEWS:
        said = ledger_server.psql(f"SET ROLE page; SELECT count(*) >= 0 FROM walpulse_ledger.{view}", shared[0])
        assert said == "t", view
    comments = {row["attname"]: row["said"] for row in rows(
        "SELECT attname, col_description(attrelid, attnum) AS said FROM pg_attribute "
        "WHERE attrelid = 'etl_audit_log'::regclass AND attnum > 0")}
    for column in ("source_name", "target_table", "rows_loaded"):
        assert comments[column].startswith("NULL: Mage's database does not say")
