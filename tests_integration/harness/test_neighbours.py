"""The judge is judged: what `mage_sim truth` says of triggers, blocks and failures, against the
tables themselves and a second computation."""
import datetime

from harness import mage_session

RUNS = ("--runs", 400, "--rate", 0, "--pipelines", 9, "--seed", 5, "--blocks",
        "--odds", "fail=0.5", "--odds", "delete_trigger=0.03", "--odds", "run_timeout=0.3",
        "--odds", "block_timeout=0.3", "--odds", "init_failure=0.1", "--odds", "retry_failed=0.05")
SECRET = {"token", "variables"}


def test_of_triggers_the_newest_row_is_told_and_no_secret(bare_source):
    bare_source.simulate(*RUNS)
    told = {row["id"]: row for row in bare_source.truth_of("triggers")}
    rows = bare_source.execute(
        "SELECT id, name, pipeline_uuid, schedule_type::text, schedule_interval, status::text, "
        "sla, settings, start_time, (SELECT max(execution_date) FROM pipeline_run "
        "WHERE pipeline_schedule_id = pipeline_schedule.id) FROM pipeline_schedule")
    assert {one for one, row in told.items() if not row["deleted"]} == {row[0] for row in rows}
    assert any(row["deleted"] and row["name"] for row in told.values())
    for row in rows:
        one = told[row[0]]
        assert row[1:6] == (one["name"], one["pipeline"], one["schedule_type"],
                            one["schedule_interval"], one["status"])
        assert row[6:8] == (one["sla"], one["settings"])
        assert row[8:] == tuple(one[key] and datetime.datetime.fromisoformat(one[key])
                                for key in ("start_time", "newest_execution_date"))
    assert {row[3] for row in rows} == {"TIME", "API", None}
    assert {row[4] for row in rows} >= {"@hourly", "*/15 * * * *", "@once", None}
    assert not any(SECRET & set(row) for row in told.values())


def test_of_blocks_the_newest_row_is_told(bare_source):
    bare_source.simulate(*RUNS)
    told = {row["id"]: row for row in bare_source.truth_of("blocks") if not row["deleted"]}
    rows = bare_source.execute(
        "SELECT id, pipeline_run_id, block_uuid, status::text, "
        "metrics::jsonb -> 'error' ->> 'error' IS NOT NULL FROM block_run")
    assert len(rows) > 500 and len(told) == len(rows)
    for one, *row in rows:
        assert row == [told[one][key] for key in ("run", "block", "status", "error")]
    assert {row[3] for row in rows} >= {"COMPLETED", "FAILED", "CANCELLED", "UPSTREAM_FAILED",
                                        "CONDITION_FAILED"}


def causes(source):
    """{run: (cause, first failed block)} of the runs that are FAILED, by the tables as they stand:
    a block's last change was its end, and whether a run had started shows its audit."""
    failed = source.execute("SELECT id FROM pipeline_run WHERE status = 'FAILED'")
    found = {}
    for run_id, in failed:
        before = source.execute(
            "SELECT status FROM walpulse_truth.audit WHERE id = %s AND status <> 'FAILED' "
            "ORDER BY seq DESC LIMIT 1", [run_id])[0][0]
        blocks = source.execute(
            "SELECT block_uuid, status::text, metrics::jsonb ? 'error' FROM block_run "
            "WHERE pipeline_run_id = %s ORDER BY updated_at", [run_id])
        broken = [(name, error) for name, status, error in blocks if status == "FAILED"]
        if before == "INITIAL":
            found[run_id] = "initialisation", None
        elif broken:
            name, error = broken[0]
            found[run_id] = "block" if error else "block_timeout", name
        else:
            found[run_id] = "run_timeout" if blocks else "unknown", None
    return found


def test_the_cause_of_a_failure_is_read_off_its_blocks(bare_source):
    bare_source.simulate(*RUNS)
    told = {row["run"]: (row["cause"], row["block"])
            for row in bare_source.truth_of("failures") if row["stands"]}
    assert told == causes(bare_source)
    assert {cause for cause, _ in told.values()} >= {"block", "block_timeout", "run_timeout",
                                                     "initialisation"}


def test_each_failure_of_a_retried_run_is_told(bare_source):
    bare_source.simulate(*RUNS)
    told = bare_source.truth_of("failures")
    assert len(told) == bare_source.execute(
        "SELECT count(*) FROM walpulse_truth.step WHERE enters AND status = 'FAILED'")[0][0]
    assert max(row["n"] for row in told) > 1


def test_blocks_of_a_run_that_was_there_before_do_not_explain_a_later_one(bare_source):
    """TRUNCATE ... RESTART IDENTITY gives their ids again."""
    def fail(with_block):
        run_id = bare_source.insert_run(status="RUNNING")
        if with_block:
            bare_source.execute(
                "INSERT INTO block_run (pipeline_run_id, block_uuid, status, metrics) "
                "VALUES (%s, 'load', 'FAILED', '{\"error\": {\"error\": \"x\"}}')", [run_id])
        bare_source.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE id = %s", [run_id])
        return bare_source.truth_of("failures")

    assert [(row["cause"], row["block"], row["stands"]) for row in fail(True)] == [
        ("block", "load", True)]
    bare_source.execute("TRUNCATE pipeline_run, block_run RESTART IDENTITY CASCADE")
    assert [(row["run"], row["cause"], row["stands"]) for row in fail(False)] == [
        (1, "block", False), (1, "unknown", True)]
    assert all(row["deleted"] for row in bare_source.truth_of("blocks"))


def test_triggers_from_before_the_audit_are_known(bare_source):
    bare_source.execute("DROP SCHEMA walpulse_truth CASCADE")
    bare_source.execute("INSERT INTO pipeline_schedule (name, token) VALUES ('old', 'secret')")
    bare_source._mage_sim("init")
    assert [row["name"] for row in bare_source.truth_of("triggers")] == ["old"]


def test_a_run_has_its_blocks_in_the_order_of_mages_log(bare_source):
    """Created after the run and before its start, ended before its end."""
    bare_source.simulate("--runs", 60, "--rate", 0, "--blocks", "--seed", 3,
                         "--odds", "retry=0", "--odds", "retry_succeeded=0")
    late = bare_source.execute("""
        SELECT count(*) FROM walpulse_truth.audit AS run JOIN walpulse_truth.block_audit AS block
        ON block.run = run.id AND (
          run.op = 'c' AND block.seq < run.seq
          OR run.op = 'u' AND run.status = 'COMPLETED' AND block.seq > run.seq
          OR block.op = 'c' AND run.status IN ('RUNNING', 'COMPLETED') AND block.seq > run.seq)""")
    assert late == [(0,)]
    assert bare_source.execute("SELECT count(*) FROM walpulse_truth.block_audit")[0][0] > 300
    queued = bare_source.execute("SELECT DISTINCT status FROM walpulse_truth.block_audit")
    assert {("INITIAL",), ("QUEUED",), ("RUNNING",), ("COMPLETED",)} <= set(queued)


def test_each_change_of_a_blocks_status_is_one_of_mages(bare_source):
    """Of its recorded session, or of its code where that has none of it."""
    mages = {("RUNNING", "CANCELLED"),  # stopped or timed out
             ("UPSTREAM_FAILED", "INITIAL"), ("CONDITION_FAILED", "INITIAL"),  # retried,
             ("COMPLETED", "INITIAL")}  # from this block on
    status = {}
    for _, _, table, _, one, columns in mage_session.changes():
        if table == "block" and "status" in columns:
            mages.add((status.get(one), columns["status"]))
            status[one] = columns["status"]
    bare_source.simulate(*RUNS, "--odds", "cancel=0.1", "--odds", "condition=0.5")
    ours = set(bare_source.execute("""
        SELECT before, status FROM (
          SELECT lag(status) OVER (PARTITION BY id ORDER BY seq) AS before, status
          FROM walpulse_truth.block_audit WHERE op <> 'd') AS change
        WHERE before IS DISTINCT FROM status"""))
    assert len(ours) > 10 and ours <= mages, ours - mages
