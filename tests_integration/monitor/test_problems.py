"""What needs a person: told once, listed, and gone when it is over."""
import collections
import datetime
import json
import random
import time

import pytest

from harness.flow import REDELIVERY_SETTLE, Fleet, Monitor
from harness.problems import failing, problems, subjects, told, wait_watched
from harness.programs import run, wait_until

pytestmark = pytest.mark.statement("problems")

OPEN = "walpulse_problem_open"
NOW = datetime.timezone.utc


def wait_open(ledger, wanted, seconds=60):
    wait_until(lambda: subjects(ledger) == wanted, seconds,
               lambda: f"open: {sorted(subjects(ledger))}\nwanted: {sorted(wanted)}", pause=0.5)


def end(source, one, status):
    source.execute("UPDATE pipeline_run SET status = 'RUNNING', started_at = now() WHERE id = %s", [one])
    source.execute("UPDATE pipeline_run SET status = %s, completed_at = now() WHERE id = %s", [status, one])


def count(lines):
    return collections.Counter((line["event"], line["kind"], line["subject"]) for line in lines)


@pytest.fixture
def captured(bare_source):
    bare_source.setup(alone=False)
    return bare_source


def test_a_failure_is_told_once_through_a_kill_and_listed_while_the_monitor_serves(captured, programs, ledger):
    monitor = Monitor(programs, ledger, "--mage-url", "https://mage.example.com")
    captured.connector(f"{monitor.url}/push")
    end(captured, captured.insert_run(), "COMPLETED")
    monitor.wait_total(1, "walpulse_pipeline_run_finished_count_total", status="COMPLETED")
    done = run("walpulse-monitor", "problems", "--ledger", ledger)
    assert (done.returncode, done.stdout) == (0, "Nothing needs you.\n"), done.stderr
    wait_watched(monitor)

    one = captured.insert_run()
    end(captured, one, "FAILED")
    wait_open(ledger, {("failing", "daily_sales")})
    [opened] = told(monitor)
    assert opened["severity"] == "WARNING" and opened["event"] == "problem_opened"
    assert opened["evidence"]["run"] == str(one)
    assert opened["link"] == f"https://mage.example.com/pipelines/daily_sales/runs/{one}"
    monitor.wait_total(1, OPEN, kind="failing", severity="notify")
    text = run("walpulse-monitor", "problems", "--ledger", ledger).stdout
    assert text.startswith(f"Failing: daily_sales ({captured.name}), since "), text

    before = monitor.program
    before.kill()
    monitor.start()
    end(captured, captured.insert_run(), "FAILED")
    wait_until(lambda: problems(ledger)[0]["evidence"]["failed_in_a_row"] == "2", 30, "two in a row")
    assert told(monitor) == []
    end(captured, one, "COMPLETED")  # retried in place, and made good
    wait_open(ledger, set())
    assert count(told(monitor)) == {("problem_closed", "failing", "daily_sales"): 1}
    [closed] = problems(ledger, "--all")
    assert closed["state"] == "closed" and closed["since"] == opened["since"]


def test_a_retry_in_place_opens_nothing_twice(captured, programs, ledger):
    monitor = Monitor(programs, ledger)
    captured.connector(f"{monitor.url}/push")
    wait_watched(monitor)
    one = captured.insert_run()
    for _ in range(3):
        end(captured, one, "FAILED")
        wait_open(ledger, {("failing", "daily_sales")})
        captured.execute("UPDATE pipeline_run SET status = 'RUNNING' WHERE id = %s", [one])
        time.sleep(6)
    assert subjects(ledger) == {("failing", "daily_sales")}
    end(captured, one, "COMPLETED")
    wait_open(ledger, set())
    opened, closed = [line["event"] for line in told(monitor)]
    assert opened in ("problem_opened", "problems_found") and closed == "problem_closed"


RULES = """
[defaults]
start_within = "1s"
[[pipeline]]
match = "of_nobody"
ignore = true
"""


def trigger(source, pipeline, **columns):
    columns = {"name": f"of {pipeline}", "pipeline_uuid": pipeline, "schedule_type": "TIME", "status": "ACTIVE",
               "schedule_interval": "* * * * *", "repo_path": "/project", **columns}
    return source.execute(
        f"INSERT INTO pipeline_schedule ({', '.join(columns)}) VALUES ({', '.join('%s' for _ in columns)}) "
        "RETURNING id", list(columns.values()))[0][0]


def test_what_mage_does_not_start_is_told_and_what_it_need_not_start_never(captured, programs, ledger, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    monitor = Monitor(programs, ledger, "--rules", path)
    captured.connector(f"{monitor.url}/push")
    tomorrow = datetime.datetime.now(NOW) + datetime.timedelta(days=1)
    broken = trigger(captured, "broken")
    starts, skips = trigger(captured, "starts"), trigger(captured, "skips")
    trigger(captured, "paused", status="INACTIVE")
    trigger(captured, "once", schedule_interval="@once")
    trigger(captured, "not_yet", start_time=tomorrow)
    trigger(captured, "by_api", schedule_type="API", schedule_interval=None)
    trigger(captured, "of_nobody")
    removed = trigger(captured, "removed")
    captured.execute("DELETE FROM pipeline_schedule WHERE id = %s", [removed])
    # Mage, which starts what it can, at two slots.
    for _ in range(2):
        slot = datetime.datetime.now(NOW).replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
        time.sleep(max(0, (slot - datetime.datetime.now(NOW)).total_seconds()))
        for schedule, pipeline, status in ((starts, "starts", "INITIAL"), (skips, "skips", "CANCELLED")):
            captured.insert_run(pipeline_uuid=pipeline, pipeline_schedule_id=schedule, execution_date=slot,
                                status=status)
        wait_open(ledger, {("not_started", "broken")}, 45)
    [found] = problems(ledger)
    late = (datetime.datetime.fromisoformat(found["opened"]) -
            datetime.datetime.fromisoformat(found["since"])).total_seconds()
    print(f"told {late:.1f} s after its slot, of which 1 s is tolerance")
    assert found["instance"] == str(broken) and found["evidence"]["trigger"] == "of broken"
    # Its first slot is gone for good; the second may still come.
    monitor.wait_total(1, "walpulse_trigger_missed_count_total", 30, pipeline="broken")
    assert {dict(labels).get("pipeline") for (name, labels) in monitor.metrics()
            if name == "walpulse_trigger_overdue"} == {"broken"}
    captured.execute("UPDATE pipeline_schedule SET status = 'INACTIVE' WHERE id = %s", [broken])
    wait_open(ledger, set())


def test_leaders_that_are_killed_open_and_close_each_problem_once(captured, programs, shared, emulator, topic):
    name, url = topic
    subscription = emulator.create_subscription(f"{name}-pull", name, ack_seconds=10)
    fleet = [Monitor(programs, shared[1], "--subscription", subscription, "--settle", REDELIVERY_SETTLE,
                     env=emulator.environment()) for _ in range(2)]
    captured.connector(url, env=emulator.environment())
    simulation = captured.start_simulation("--runs", 300, "--rate", 20, "--pipelines", 6, "--concurrency", 1,
                                           "--seed", 16, "--odds", "fail=0.4", "--odds", "change_key=0")
    rng = random.Random(16)
    lives = list(fleet)
    logs = []
    while simulation.running():
        time.sleep(rng.uniform(3, 8))
        victim = rng.choice(lives)
        victim.program.kill()
        logs.append(told(victim))
        victim.start()
    assert simulation.wait(30) == 0, simulation.text()
    Fleet(fleet).wait_equal(captured)
    wait_until(lambda: subjects(shared[1], "failing") == failing(captured), 90,
               lambda: f"{subjects(shared[1], 'failing')} {failing(captured)}", pause=1)
    # On a slow machine no look may have ended between two kills: something is over now at the latest.
    for pipeline in failing(captured):
        end(captured, captured.insert_run(pipeline_uuid=pipeline), "COMPLETED")
    wait_until(lambda: not subjects(shared[1], "failing"), 90, lambda: subjects(shared[1], "failing"), pause=1)
    lines = [line for log in [*logs, *map(told, fleet)] for line in log if line["event"] != "problems_found"]
    twice = [key for key, times in collections.Counter(
        (line["event"], line["problem"]) for line in lines).items() if times > 1]
    assert not twice, twice
    known = problems(shared[1], "--all")
    keys = collections.Counter((one["kind"], one["subject"], one.get("instance")) for one in known
                               if one["state"] == "open")
    assert all(times == 1 for times in keys.values()), keys
    assert len(known) > len(keys), "nothing was ever over"


def test_partners_in_turns_are_one_problem_with_per_and_named_by_doctor_without(captured, programs, ledger, tmp_path):
    monitor = Monitor(programs, ledger)
    captured.connector(f"{monitor.url}/push")
    wait_watched(monitor)
    for _ in range(4):
        for partner, status in (("globex", "FAILED"), ("acme", "COMPLETED")):
            end(captured, captured.insert_run(variables=json.dumps({"partner": partner})), status)
    monitor.wait_total(8, "walpulse_pipeline_run_finished_count_total")
    wait_open(ledger, set())
    done = run("walpulse-monitor", "doctor", "--ledger", ledger)
    assert "daily_sales failed 4 times in a row for partner=globex, not for acme" in done.stdout, done.stdout
    lines = f'[[pipeline]]\nmatch = "daily_sales"\nsource = "{captured.name}"\nper = ["partner"]\n'
    assert lines in done.stdout, done.stdout

    path = tmp_path / "rules.toml"
    path.write_text(lines)
    assert monitor.program.stop() == 0
    monitor.arguments += ["--rules", path]
    monitor.start()
    wait_open(ledger, {("failing", "daily_sales partner=globex")})
    assert "alternate by label" not in run("walpulse-monitor", "doctor", "--ledger", ledger, "--rules", path).stdout
    for _ in range(2):
        for partner, status in (("globex", "FAILED"), ("acme", "COMPLETED")):
            end(captured, captured.insert_run(variables=json.dumps({"partner": partner})), status)
        time.sleep(6)
    assert subjects(ledger) == {("failing", "daily_sales partner=globex")}
    assert len(told(monitor)) == 1


def test_runs_that_wait_and_are_abandoned_are_one_problem_each(captured, programs, ledger, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text('[defaults]\nwaiting = "1s"\nper = ["trigger"]\n')
    monitor = Monitor(programs, ledger, "--rules", path)
    captured.connector(f"{monitor.url}/push")
    captured.insert_run(status="FAILED")  # once it is told the first look is over, however slow the machine
    wait_open(ledger, {("failing", "daily_sales")})
    captured.execute("UPDATE pipeline_run SET status = 'COMPLETED'")
    wait_open(ledger, set())
    made = trigger(captured, "daily_sales", status="INACTIVE", name="nightly")
    runs = [captured.insert_run(pipeline_schedule_id=made) for _ in range(40)]
    wait_open(ledger, {("waiting", "daily_sales trigger=nightly")})
    wait_until(lambda: problems(ledger)[0]["evidence"].get("runs") == "40", 30, lambda: str(problems(ledger)))
    assert problems(ledger)[0]["evidence"]["run"] == str(runs[0])
    captured.execute("UPDATE pipeline_schedule SET name = 'by day' WHERE id = %s", [made])
    wait_open(ledger, {("waiting", "daily_sales trigger=by day")})
    [[gone]] = captured.execute("WITH went AS (UPDATE pipeline_run SET pipeline_schedule_id = NULL "
                                "WHERE pipeline_schedule_id = %s) DELETE FROM pipeline_schedule WHERE id = %s "
                                "RETURNING now()", [made, made])
    wait_open(ledger, {("abandoned", "daily_sales")})
    [found] = problems(ledger)
    assert found["evidence"]["runs"] == "40"
    assert abs(datetime.datetime.fromisoformat(found["since"]) - gone) < datetime.timedelta(seconds=2)
    captured.execute("UPDATE pipeline_run SET status = 'CANCELLED' WHERE status = 'INITIAL'")
    wait_open(ledger, set())
    assert count(line for line in told(monitor) if line.get("kind") in ("waiting", "abandoned")) == {
        ("problem_opened", "waiting", "daily_sales trigger=nightly"): 1,
        ("problem_closed", "waiting", "daily_sales trigger=by day"): 1,
        ("problem_opened", "abandoned", "daily_sales"): 1, ("problem_closed", "abandoned", "daily_sales"): 1}


def test_rules_that_change_are_followed(captured, programs, ledger, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text("")
    monitor = Monitor(programs, ledger, "--rules", path, "--rules-reload", "1s")
    captured.connector(f"{monitor.url}/push")
    wait_watched(monitor)
    end(captured, captured.insert_run(), "FAILED")
    wait_open(ledger, {("failing", "daily_sales")})
    path.write_text('[defaults]\nseverity = "page"\nowner = "crm@example.com"\n')
    wait_until(lambda: problems(ledger)[0]["severity"] == "page", 30, "severity page")
    assert problems(ledger)[0]["evidence"]["owner"] == "crm@example.com"
    path.write_text("[defaults]\nignore = true\n")
    wait_open(ledger, set())
    assert len(told(monitor)) == 2


def test_a_connector_that_stops_makes_the_monitor_blind(captured, programs, ledger):
    monitor = Monitor(programs, ledger)
    connector = captured.connector(f"{monitor.url}/push")
    wait_watched(monitor)
    assert connector.stop() == 0
    wait_open(ledger, {("blind", "")}, 240)
    [line] = told(monitor)
    assert line["severity"] == "ERROR" and line["evidence"] == {"reason": "no heartbeat comes"}
    assert line["message"].startswith(f"walpulse cannot see: {captured.name} since=")
    captured.connector(f"{monitor.url}/push")
    wait_open(ledger, set())


@pytest.mark.parametrize("ledger_name, code, words", [
    ("memory", 69, "a ledger in memory is read by nobody but its own process"),
    ("sqlite:/nonexistent/ledger.db", 69, "there is no ledger /nonexistent/ledger.db"),
    ("sqlite:/etc/hostname", 69, "not a database"),
])
def test_a_ledger_that_cannot_be_read_is_named(ledger_name, code, words):
    done = run("walpulse-monitor", "problems", "--ledger", ledger_name)
    assert done.returncode == code and words in done.stderr, (done.returncode, done.stderr)


def test_reading_makes_no_ledger(ledger_server, shared):
    done = run("walpulse-monitor", "problems", "--ledger", shared[1])
    assert done.returncode == 69, done.stderr
    assert f"there is no ledger in the schema walpulse_ledger of the database {shared[0]}" in done.stderr
    assert ledger_server.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'walpulse_ledger'", shared[0]) == "0"
