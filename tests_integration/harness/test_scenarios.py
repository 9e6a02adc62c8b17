"""Each scenario of the simulator shows what its name says, by SQL alone."""
import pytest

from harness.flow import Monitor
from harness.programs import run, wait_until

SLOTS = """
    SELECT trigger.id, trigger.schedule_interval, count(run.id), max(run.execution_date)
    FROM pipeline_schedule AS trigger LEFT JOIN pipeline_run AS run
      ON run.pipeline_schedule_id = trigger.id
    WHERE trigger.schedule_type = 'TIME' GROUP BY trigger.id"""
CALM = [part for name in ("remove", "purge", "full_retry", "delete_trigger", "rename_pipeline",
                          "retry_failed") for part in ("--odds", f"{name}=0")]


def one(source, sql):
    return source.execute(sql)[0][0]


def test_a_history_has_a_run_for_each_slot_at_its_time(bare_source):
    said = bare_source.simulate_past("--history", "6h", "--duration", "0s", "--pipelines", 7, *CALM)
    assert "of the history" in said and "superuser" not in said
    missing = bare_source.execute("""
        SELECT schedule_interval, slot FROM pipeline_schedule AS trigger
        CROSS JOIN LATERAL generate_series(
          date_trunc('hour', created_at), now() - interval '1 minute',
          CASE schedule_interval WHEN '@hourly' THEN interval '1 h'
            WHEN '*/15 * * * *' THEN interval '15 min' ELSE interval '5 min' END) AS slot
        WHERE schedule_interval IN ('@hourly', '*/15 * * * *', '*/5 * * * *')
          AND slot > created_at + interval '10 s'
          AND (SELECT count(*) FROM pipeline_run WHERE pipeline_schedule_id = trigger.id
               AND execution_date = slot) <> 1""")
    # One whose scheduler's loop came only after the history's end.
    assert len(missing) <= 3, missing
    assert one(bare_source, "SELECT count(*) FROM pipeline_run") > 100
    # Each commit bears the instant that its row tells, in order.
    assert one(bare_source, """
        SELECT count(*) FROM (SELECT op, created_at, pg_xact_commit_timestamp(xid) AS at,
          lag(pg_xact_commit_timestamp(xid)) OVER (ORDER BY seq) AS before
          FROM walpulse_truth.audit) AS commit
        WHERE at < before OR op = 'c' AND at < created_at OR at > now()""") == 0
    assert one(bare_source, "SELECT count(*) FROM pg_replication_origin") == 0


def test_some_transactions_of_a_history_began_minutes_before_their_insert(bare_source):
    bare_source.simulate_past("--history", "6h", "--duration", "0s", "--no-blocks", *CALM,
                          "--odds", "early=0.5")
    early = bare_source.execute("""
        SELECT schedule_type::text, count(*) FROM walpulse_truth.audit AS run
        JOIN pipeline_schedule AS trigger ON trigger.id = run.schedule
        WHERE op = 'c' AND pg_xact_commit_timestamp(xid) - run.created_at > interval '1 min'
        GROUP BY 1""")
    assert [kind for kind, _ in early] == ["API"] and early[0][1] > 10


def test_the_metrics_of_a_history_equal_the_truth(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    source.connector(f"{monitor.url}/push")
    source.simulate_past("--history", "4h", "--runs", 30, "--rate", 0, "--blocks")
    monitor.wait_equal(source)
    seconds = monitor.total("walpulse_pipeline_run_duration_seconds_sum", status="COMPLETED")
    assert seconds > 4 * 3600 / 100  # of runs that took a minute or two, each


def test_a_history_without_a_superuser_says_that_it_was_committed_now(bare_source):
    said = bare_source.simulate("--history", "1h", "--duration", "0s", *CALM)
    assert "committed now" in said and "superuser" in said
    assert one(bare_source, "SELECT min(created_at) < now() - interval '40 min' "
                            "FROM pipeline_run") is True


def test_a_live_part_follows_its_history(bare_source):
    bare_source.simulate_past("--history", "1h", "--runs", 50, "--rate", 0, *CALM)
    assert one(bare_source, "SELECT count(*) FROM walpulse_truth.audit WHERE op = 'c' AND at - "
                            "pg_xact_commit_timestamp(xid) < interval '1 s'") >= 50


def test_a_burst_is_hundreds_of_runs_in_a_second(bare_source):
    bare_source.simulate("--scenario", "burst", "--runs", 300, "--rate", 1, "--duration", "30s",
                         "--no-blocks")
    inserts = "SELECT at FROM walpulse_truth.audit WHERE op = 'c'"
    assert one(bare_source, f"SELECT count(*) FROM ({inserts}) AS made") == 300
    # A second of a machine that is not busy: at the rate it would be five minutes.
    assert one(bare_source, f"SELECT max(at) - min(at) < interval '10 s' FROM ({inserts}) AS made")


def test_a_retry_storm_fails_and_retries_over_and_over(bare_source):
    bare_source.simulate("--scenario", "retry-storm", "--runs", 40, "--rate", 0, "--no-blocks")
    failed = bare_source.execute("SELECT count(*) FROM walpulse_truth.step "
                                 "WHERE enters AND status = 'FAILED' GROUP BY id, life")
    assert sum(count for count, in failed) > 80
    assert max(count for count, in failed) > 5


def test_in_an_outage_nothing_is_written_for_seconds(bare_source):
    bare_source.simulate("--scenario", "outage", "--rate", 200, "--duration", "14s", "--no-blocks")
    gaps = bare_source.execute("""
        SELECT at - before FROM (SELECT at, lag(at) OVER (ORDER BY seq) AS before
          FROM walpulse_truth.audit) AS gap WHERE at - before > interval '7 s'""")
    assert len(gaps) == 1


def test_a_dead_scheduler_leaves_slots_without_a_run_and_api_runs_go_on(bare_source):
    bare_source.simulate_past("--scenario", "scheduler-dead", "--history", "4h", "--runs", 30,
                              "--rate", 0, "--pipelines", 8)
    assert one(bare_source, "SELECT count(*) FROM pipeline_schedule WHERE status <> 'ACTIVE'") == 0
    newest = dict(bare_source.execute(f"""
        SELECT schedule_interval, now() - max FROM ({SLOTS}) AS slots WHERE count > 0"""))
    # It died half an hour ago, and the slot of five minutes before is the newest.
    assert 29 * 60 < newest["*/5 * * * *"].total_seconds() < 40 * 60
    assert all(age.total_seconds() > 29 * 60 for age in newest.values())
    assert one(bare_source, """
        SELECT count(*) FROM pipeline_run JOIN pipeline_schedule AS trigger
          ON trigger.id = pipeline_schedule_id
        WHERE schedule_type = 'API' AND pipeline_run.created_at > now() - interval '25 min'""") > 20


def test_a_dead_scheduler_misses_a_slot_from_the_begin(bare_source):
    bare_source.simulate("--scenario", "scheduler-dead", "--runs", 5, "--rate", 0)
    due = bare_source.execute(f"""
        SELECT slots.* FROM ({SLOTS}) AS slots JOIN pipeline_schedule USING (id)
        WHERE start_time < now() - interval '1 h' AND count = 0
          AND slots.schedule_interval ~ '^\\d+ \\* \\* \\* \\*$'
          AND mod(60 + date_part('minute', now())::integer
                  - split_part(slots.schedule_interval, ' ', 1)::integer, 60) BETWEEN 2 AND 12""")
    assert len(due) == 2  # of 12 pipelines


def test_late_runs_come_minutes_after_their_slots(bare_source):
    bare_source.simulate("--scenario", "late", "--runs", 60, "--rate", 0, "--pipelines", 1, *CALM,
                         "--odds", "backfill=0")
    assert one(bare_source, "SELECT min(created_at - execution_date) FROM pipeline_run"
               ).total_seconds() > 120
    assert one(bare_source, "SELECT max(created_at - execution_date) FROM pipeline_run"
               ).total_seconds() < 15 * 60


def test_orphans_never_end(bare_source):
    bare_source.simulate("--scenario", "orphan", "--runs", 200, "--rate", 0, "--no-blocks")
    assert one(bare_source, "SELECT count(*) FROM pipeline_run WHERE pipeline_schedule_id IS NULL "
                            "AND status IN ('INITIAL', 'RUNNING')") > 10


def test_a_stopped_history_leaves_no_replication_origin(bare_source):
    simulation = bare_source.programs.start(
        "mage_sim", "run", "--dsn", bare_source.server.dsn(bare_source.name), "--history", "30d")
    wait_until(lambda: one(bare_source, "SELECT count(*) FROM pipeline_run") > 20, 20, "some runs")
    assert simulation.stop() == 0
    assert one(bare_source, "SELECT count(*) FROM pg_replication_origin") == 0


@pytest.mark.parametrize("flags, named", [
    (("--scenario", "chaos"), "scheduler-dead"), (("--scenario", ""), "scheduler-dead"),
    (("--blocks", "--no-blocks"), "--no-blocks"), (("--history", "two"), "two"),
    (("--history", "1h", "--concurrency", "2"), "--concurrency 1"), (("--odds", "fial=1"), "fail")])
def test_a_wrong_flag_is_a_usage_error_that_names_what_is_wanted(bare_source, flags, named):
    done = run("mage_sim", "run", "--dsn", bare_source.owner_dsn, *flags)
    assert done.returncode == 64 and named in done.stderr


def test_help_explains_each_scenario(bare_source):
    shown = run("mage_sim", "run", "--help").stdout
    for name in ("steady", "burst", "retry-storm", "outage", "scheduler-dead", "late", "orphan"):
        assert f"\n  {name} " in shown
