"""The judge is judged: the SQL truth against a second computation (truth.py)."""
import pytest

from harness.histories import HISTORIES, RUNNING, WAIT
from harness.metrics import NAMES
from harness.programs import run, wait_until
from harness.truth import check, said


def test_truth_of_a_simulation_equals_an_independent_count(bare_source):
    bare_source.simulate("--runs", 800, "--rate", 0, "--pipelines", 6, "--seed", 12,
                         "--concurrency", 2, "--odds", "stuck=0.05", "--odds", "fail=0.4",
                         "--odds", "change_key=0.05", "--odds", "rename_table=0.05",
                         "--odds", "delete_trigger=0.05", "--odds", "cancel_initial=0.05",
                         "--odds", "retry_cancelled=0.5")
    truth = check(bare_source)
    assert {name for name, _ in truth} == set(NAMES.values()), "the simulator left a metric out"


def test_truth_knows_truncates_deletes_ids_used_again_and_runs_from_before_the_audit(bare_source):
    execute = bare_source.execute
    execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")
    old = [bare_source.insert_run(status=status) for status in ("RUNNING", "FAILED", "FAILED")]
    execute("ALTER TABLE pipeline_run ENABLE TRIGGER USER")
    execute("UPDATE pipeline_run SET updated_at = now()")  # the first sight of the old ones
    execute("UPDATE pipeline_run SET status = 'COMPLETED' WHERE id = %s", [old[0]])
    execute("UPDATE pipeline_run SET status = 'INITIAL' WHERE id = %s", [old[1]])
    check(bare_source)
    bare_source.simulate("--runs", 50, "--rate", 0, "--seed", 5)
    execute("TRUNCATE pipeline_run RESTART IDENTITY CASCADE")
    assert not [name for name, _ in check(bare_source) if name.endswith("_active")]
    bare_source.simulate("--runs", 50, "--rate", 0, "--seed", 6, "--odds", "stuck=0.3")
    assert [name for name, _ in check(bare_source) if name.endswith("_active")]


@pytest.mark.parametrize("history", HISTORIES)
def test_truth_of_one_run(bare_source, history):
    statements, wanted = HISTORIES[history]
    trigger = bare_source.execute("INSERT INTO pipeline_schedule (name) VALUES ('x') RETURNING id")
    bare_source.insert_run(pipeline_schedule_id=trigger[0][0])
    for statement in statements:
        bare_source.execute(statement)
    found = said(check(bare_source))
    for key, value in wanted.items():
        low, high = value if isinstance(value, tuple) else (value, value)
        assert low <= found.get(key, 0) <= high, (key, value, found)


def test_a_run_is_born_when_its_insert_is_committed(bare_source):
    """Not when the transaction began, which is what created_at says."""
    with bare_source.connect() as connection, connection.transaction():
        connection.execute("SELECT 1")
        connection.execute(WAIT)
        connection.execute("INSERT INTO pipeline_run (pipeline_uuid, status) VALUES ('x', 'INITIAL')")
    bare_source.execute(RUNNING)
    assert 0 <= said(check(bare_source))["queue seconds"] < 1


def test_the_same_seed_writes_the_same_changes(bare_source, server):
    told = []
    for _ in range(2):
        bare_source.simulate("--runs", 150, "--rate", 0, "--seed", 42)
        told.append(bare_source.execute(
            "SELECT op, id, status::text, pipeline, trigger, passed_sla, partner "
            "FROM walpulse_truth.audit ORDER BY seq"))
        bare_source.drop()
        bare_source.create()
    assert told[0] == told[1]


def test_a_stopped_simulation_ends_after_its_transaction_with_a_summary(bare_source):
    simulation = bare_source.start_simulation("--rate", 200, "--seed", 1)
    wait_until(lambda: bare_source.execute("SELECT count(*) FROM pipeline_run")[0][0] > 20, 20,
               "twenty runs")
    assert simulation.stop() == 0
    assert "runs," in simulation.text() and "seed 1" in simulation.text()
    check(bare_source)


def test_a_wrong_flag_of_the_simulator_is_a_usage_error_that_names_it(bare_source):
    done = run("mage_sim", "run", "--dsn", bare_source.owner_dsn, "--odds", "fail=2")
    assert done.returncode == 64 and "--odds" in done.stderr and "fail=0.5" in done.stderr
