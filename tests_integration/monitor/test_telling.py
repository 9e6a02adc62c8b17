"""Who is told, and what runs next: a database, the connector, the monitor and its rules, and stand-ins of
the receivers."""
import datetime
import json
import threading
import time

import pytest

from harness import replays, snapshots
from harness.flow import Monitor
from harness.problems import problems, subjects, wait_watched
from harness.programs import run, wait_until
from stand_ins.receiver import RESET
from stand_ins.slack import Slack
from stand_ins.webhook_receiver import WebhookReceiver

pytestmark = pytest.mark.statement("telling")

PAGE = "https://walpulse.example.com"
LOOKED = 6  # the leader looks every five seconds

# The ledger in PostgreSQL is to open, and to tell, on every version.
with_both_ledgers = pytest.mark.parametrize(
    "ledger", ["sqlite", pytest.param("postgres", marks=pytest.mark.core("ledger"))], indirect=True)


class Acting(WebhookReceiver):
    """Acts, and keeps its answer back while `holds` is set."""

    def __init__(self):
        self.holds = threading.Event()
        self.holding = threading.Event()
        super().__init__()

    def answer(self, *request):
        answer = super().answer(*request)
        if self.holds.is_set():
            self.holding.set()
            while self.holds.is_set():
                time.sleep(0.05)
            raise OSError("too late")
        return answer


@pytest.fixture
def captured(bare_source):
    bare_source.setup(alone=False)
    return bare_source


@pytest.fixture
def slack():
    with Slack() as stand_in:
        yield stand_in
        assert stand_in.violations == []


@pytest.fixture
def hook():
    with Acting() as stand_in:
        yield stand_in
        stand_in.holds.clear()
        assert stand_in.violations == []


@pytest.fixture
def ledger(request, ledger):
    return request.getfixturevalue("shared")[1] if getattr(request, "param", None) == "postgres" else ledger


@pytest.fixture
def start(programs, ledger, tmp_path):
    def start(rules, *arguments):
        path = tmp_path / "rules.toml"
        path.write_text(rules)
        return Monitor(programs, ledger, "--rules", path, "--page-url", PAGE, "--mage-url", f"{PAGE}/mage",
                       *arguments)
    return start


def to_slack(slack, tmp_path, first="1s"):
    secret = tmp_path / "slack"
    secret.write_text(slack.hook_url())
    return (f'[channel.data]\ntype = "slack"\nurl_file = "{secret}"\n'
            f'[[notify]]\nto = "data"\nfirst = "{first}"\nthen = "1s"\n')


def to_hook(hook, more=""):
    return (f'[channel.dbt]\ntype = "webhook"\nurl = "{hook.url}"\n'
            f'[[after]]\nmatch = "daily_*"\ncall = "dbt"\nis = "completed"\n{more}')


def told_to_hook(hook):
    return f'[channel.ops]\ntype = "webhook"\nurl = "{hook.url}"\n[[notify]]\nto = "ops"\nfirst = "1s"\nthen = "1s"\n'


def end(source, one, status):
    source.execute("UPDATE pipeline_run SET status = 'RUNNING', started_at = now() WHERE id = %s", [one])
    source.execute("UPDATE pipeline_run SET status = %s, completed_at = now() WHERE id = %s", [status, one])


def insert_trigger(source, name):
    return source.execute("INSERT INTO pipeline_schedule (name, pipeline_uuid, schedule_type, status) "
                          "VALUES (%s, 'daily_sales', 'TIME', 'ACTIVE') RETURNING id", [name])[0][0]


def deliveries(ledger, *arguments):
    done = run("walpulse-monitor", "deliveries", "list", "--json", "--ledger", ledger, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def begin(captured, monitor, *greeted):
    """What is there is known, and what comes later is news: a new ledger is silent about what it finds. What is
    told of problems is greeted."""
    captured.connector(f"{monitor.url}/push")
    end(captured, captured.insert_run(pipeline_uuid="first"), "COMPLETED")
    monitor.wait_total(1, "walpulse_pipeline_run_finished_count_total", status="COMPLETED", seconds=30)
    wait_watched(monitor)
    for receiver in greeted:
        said = receiver.messages if isinstance(receiver, Slack) else receiver.acted
        wait_until(lambda: said, 60, "the first message greets")
        assert len(said) == 1 and "walpulse watches" in str(said), said
        said.clear()


def told_since(ledger):
    """The deliveries behind the greeting, the newest first."""
    return deliveries(ledger)[:-1]


def wait_messages(slack, count, seconds=60):
    wait_until(lambda: len(slack.messages) >= count, seconds, lambda: f"{count} messages: {slack.messages}")


@with_both_ledgers
def test_a_failure_is_one_message_and_so_is_its_recovery(captured, slack, start, tmp_path, ledger):
    begin(captured, start(to_slack(slack, tmp_path)), slack)
    end(captured, captured.insert_run(), "COMPLETED")
    one = captured.insert_run()
    end(captured, one, "FAILED")
    wait_messages(slack, 1)
    assert slack.messages[0]["text"] == ":red_circle: daily_sales failed, after a success"
    [block] = slack.messages[0]["blocks"]
    text = block["text"]["text"]
    assert text.startswith(":red_circle: *daily_sales* failed, after a success\n") and f"run {one}" in text, text
    assert f"{PAGE}/mage/pipelines/daily_sales/runs/{one}|Run in Mage" in text and "|Mute>" in text, text
    time.sleep(2 * LOOKED)
    assert len(slack.messages) == 1, "it is told once"

    end(captured, captured.insert_run(), "COMPLETED")
    wait_messages(slack, 2)
    assert slack.messages[1]["text"].startswith(":large_green_circle: daily_sales is fine again after ")
    wait_until(lambda: [one["state"] for one in told_since(ledger)] == ["sent", "sent"], 20,
               lambda: f"both are sent: {deliveries(ledger)}")
    assert all(one["of"] == "problem 1" and one["attempts"] == 1 for one in told_since(ledger))


def test_thirty_failures_at_once_are_one_message(captured, slack, start, tmp_path, ledger):
    begin(captured, start(to_slack(slack, tmp_path, first="10s")), slack)
    ids = [captured.insert_run(pipeline_uuid=f"p{number}") for number in range(30)]
    captured.execute("UPDATE pipeline_run SET status = 'RUNNING', started_at = now() WHERE id = ANY (%s)", [ids])
    captured.execute("UPDATE pipeline_run SET status = 'FAILED', completed_at = now() WHERE id = ANY (%s)", [ids])
    wait_messages(slack, 1)
    assert "30 pipelines failed" in slack.messages[0]["text"], slack.messages[0]
    time.sleep(12 + LOOKED)
    assert len(slack.messages) == 1 and len(told_since(ledger)) == 1


def test_what_is_muted_is_not_told(captured, slack, start, tmp_path, ledger):
    begin(captured, start(to_slack(slack, tmp_path)), slack)
    done = run("walpulse-monitor", "mute", "pipeline", "daily_*", "--for", "1h", "--reason", "vendor", "--ledger", ledger)
    assert done.returncode == 0, done.stderr
    end(captured, captured.insert_run(), "FAILED")
    wait_until(lambda: any(one["subject"] == "daily_sales" for one in problems(ledger)), 60, "it is open")
    end(captured, captured.insert_run(pipeline_uuid="weekly"), "FAILED")
    wait_messages(slack, 1)
    time.sleep(LOOKED)
    assert [message["text"] for message in slack.messages] == [":red_circle: weekly failed"]


def test_a_receiver_that_was_down_gets_each_message_once_with_its_key(captured, hook, start, ledger):
    begin(captured, start(told_to_hook(hook)), hook)
    hook.fail_with((503, {}, b"down"), RESET, (429, {"Retry-After": "1"}, b"slow"))
    before = hook.requests
    end(captured, captured.insert_run(), "FAILED")
    wait_until(lambda: hook.acted, 120, "it is taken in the end")
    time.sleep(2)
    assert len(hook.acted) == 1 and hook.repeats == 0 and hook.requests == before + 4
    [one] = told_since(ledger)
    assert one["state"] == "sent" and one["key"] in hook.acted
    assert one["attempts"] in (3, 4), "libcurl itself tries again where a connection that it had kept is closed"


def test_a_monitor_killed_behind_a_call_calls_again_with_its_key(captured, hook, start, ledger):
    monitor = start(to_hook(hook))
    begin(captured, monitor)
    hook.holds.set()
    end(captured, captured.insert_run(), "COMPLETED")
    assert hook.holding.wait(60), "it was called"
    before = monitor.program
    before.kill()
    monitor.start()
    hook.holds.clear()
    wait_until(lambda: hook.repeats, 150, "it is called again")
    assert len(hook.acted) == 1 and hook.repeats == 1
    wait_until(lambda: deliveries(ledger)[0]["state"] == "sent", 20, "it is written down")


@with_both_ledgers
def test_what_runs_next_is_called_once_a_run_and_never_by_what_was_before(captured, hook, start, ledger):
    body = 'body = \'{"job": "sales", "partner": "{partner}", "run": "{run}", "of": "{pipeline} {nth}"}\'\n'
    monitor = start(to_hook(hook, body))
    begin(captured, monitor)
    one = captured.insert_run(variables=json.dumps({"partner": "acme"}))
    end(captured, one, "COMPLETED")
    end(captured, captured.insert_run(), "FAILED")
    end(captured, captured.insert_run(pipeline_uuid="weekly"), "COMPLETED")
    monitor.wait_total(3, "walpulse_pipeline_run_finished_count_total", status="COMPLETED", seconds=30)
    wait_until(lambda: hook.acted, 30, "it is called")
    captured.wait_confirmed()

    done = snapshots.snapshot(captured, f"{monitor.url}/push")
    assert done.returncode == 0, done.stderr
    replays.replayed(captured, "--from", replays.oldest(captured), to=f"{monitor.url}/push")
    time.sleep(3)
    assert [json.loads(body) for body in hook.acted.values()] == [
        {"job": "sales", "partner": "acme", "run": one, "of": "daily_sales 1"}]
    assert hook.repeats == 0
    end(captured, one, "COMPLETED")  # run again in place
    wait_until(lambda: len(hook.acted) == 2, 30, "it is called for the second time")
    assert json.loads(list(hook.acted.values())[1])["of"] == "daily_sales 2"


def fill(source, push, how):
    """Longer than --settle of two seconds, and than a message waits (`first`)."""
    slow = ("--rate", "3")
    if how == "replay":
        replays.replayed(source, "--from", replays.oldest(source), *slow, to=push)
    else:
        assert snapshots.snapshot(source, push, *slow).returncode == 0


filled = pytest.mark.parametrize("how", ["replay", "snapshot"])


def old_ends(source):
    for number in range(12):
        end(source, source.insert_run(pipeline_uuid=f"daily_{number}"), "FAILED" if number % 3 == 0 else "COMPLETED")


def assert_live_alone(source, hook):
    live = source.insert_run(pipeline_uuid="daily_live")
    end(source, live, "COMPLETED")
    wait_until(lambda: hook.acted, 60, "what ends now is called for")
    time.sleep(LOOKED)
    assert [json.loads(called) for called in hook.acted.values()] == [{"run": live}]


@with_both_ledgers
@filled
def test_a_ledger_that_is_filled_before_the_capture_goes_on_sends_nothing(captured, slack, hook, start, tmp_path, ledger,
                                                                         how):
    """What it holds was told before, or was never to be."""
    old_ends(captured)
    body = 'body = \'{"run": "{run}"}\'\n'
    monitor = start(to_slack(slack, tmp_path) + to_hook(hook, body), "--settle", "2s")
    fill(captured, f"{monitor.url}/push", how)
    captured.connector(f"{monitor.url}/push")
    wait_watched(monitor)
    wait_messages(slack, 1)
    assert_live_alone(captured, hook)
    [first] = slack.messages
    assert "walpulse watches 12 pipelines" in str(first) and "4 were failing" in str(first), first


@with_both_ledgers
@filled
def test_a_ledger_that_is_filled_beside_the_capture_sends_nothing(captured, slack, hook, start, programs, tmp_path,
                                                                 ledger, how):
    """What was so before walpulse came is no news, however late it is heard of. It is on the page."""
    earlier = Monitor(programs, f"sqlite:{tmp_path}/earlier")
    connector = captured.connector(f"{earlier.url}/push")
    old_ends(captured)
    captured.wait_confirmed()
    assert connector.stop() == 0
    body = 'body = \'{"run": "{run}"}\'\n'
    monitor = start(to_slack(slack, tmp_path) + to_hook(hook, body), "--settle", "2s")
    begin(captured, monitor, slack)
    fill(captured, f"{monitor.url}/push", how)
    assert_live_alone(captured, hook)
    assert sorted(one["subject"] for one in problems(ledger)) == ["daily_0", "daily_3", "daily_6", "daily_9"]
    assert slack.messages == []
    end(captured, captured.insert_run(pipeline_uuid="daily_0"), "FAILED")
    wait_messages(slack, 1)
    assert slack.messages[0]["text"].startswith(":red_circle: daily_0 failed, 2nd time in a row"), slack.messages


def test_what_runs_next_is_called_for_the_trigger_of_that_name(captured, hook, start, ledger):
    monitor = start(to_hook(hook, 'trigger = "nightly"\nbody = \'{"by": "{trigger}", "run": "{run}"}\'\n'))
    begin(captured, monitor)
    nightly, hourly = insert_trigger(captured, "nightly"), insert_trigger(captured, "hourly")
    one = captured.insert_run(pipeline_schedule_id=nightly)
    end(captured, captured.insert_run(pipeline_schedule_id=hourly), "COMPLETED")
    end(captured, captured.insert_run(), "COMPLETED")
    end(captured, one, "COMPLETED")
    monitor.wait_total(4, "walpulse_pipeline_run_finished_count_total", status="COMPLETED", seconds=30)
    wait_until(lambda: hook.acted, 30, "it is called")
    time.sleep(1)
    assert [json.loads(body) for body in hook.acted.values()] == [{"by": "nightly", "run": one}]


def test_the_team_of_a_trigger_is_told_of_its_failures_alone(captured, slack, hook, start, tmp_path):
    pace = 'first = "1s"\nthen = "1s"\n'
    secret = tmp_path / "slack"
    secret.write_text(slack.hook_url())
    begin(captured, start(
        f'[channel.data]\ntype = "slack"\nurl_file = "{secret}"\n[channel.crm]\ntype = "webhook"\nurl = "{hook.url}"\n'
        '[defaults]\nper = "trigger"\n[[pipeline]]\nmatch = "daily_sales"\ntrigger = "nightly"\nteam = "crm"\n'
        f'[[notify]]\nteam = "crm"\nto = "crm"\n{pace}[[notify]]\notherwise = true\nto = "data"\n{pace}'), slack, hook)
    end(captured, captured.insert_run(pipeline_schedule_id=insert_trigger(captured, "nightly")), "FAILED")
    wait_until(lambda: hook.acted, 60, "the team is told")
    end(captured, captured.insert_run(pipeline_schedule_id=insert_trigger(captured, "hourly")), "FAILED")
    wait_messages(slack, 1)
    assert len(hook.acted) == 1 and b"(trigger nightly)" in list(hook.acted.values())[0]
    assert [message["text"] for message in slack.messages] == [":red_circle: daily_sales (trigger hourly) failed"]


def test_what_ended_while_the_monitor_was_away_is_too_old_and_shown(captured, hook, start, ledger):
    monitor = start(to_hook(hook, 'not_older_than = "30s"\n'))
    begin(captured, monitor)
    end(captured, captured.insert_run(), "COMPLETED")
    wait_until(lambda: hook.acted, 30, "it is called")
    monitor.program.stop()
    late = captured.insert_run()
    end(captured, late, "COMPLETED")
    time.sleep(33)
    monitor.start()
    wait_until(lambda: len(deliveries(ledger)) == 2, 60, lambda: f"both are known: {deliveries(ledger)}")
    shown = deliveries(ledger)[0]
    assert (shown["state"], shown["attempts"]) == ("too_old", 0) and f":{late} COMPLETED" in shown["of"]
    assert "not_older_than, 30s" in shown["answer"]
    end(captured, captured.insert_run(), "COMPLETED")
    wait_until(lambda: len(hook.acted) == 2, 30, "what ends now is called for")


@with_both_ledgers
def test_what_failed_while_the_monitor_was_away_is_one_message(captured, slack, start, tmp_path, ledger):
    """And what was made good by then is not told: it stands on the page."""
    monitor = start(to_slack(slack, tmp_path, first="8s"))  # longer than it takes to hear of them all
    begin(captured, monitor, slack)
    monitor.program.stop()
    for name in ("crm", "sales", "stock", "orders", "made_good"):
        end(captured, captured.insert_run(pipeline_uuid=name), "FAILED")
    end(captured, captured.insert_run(pipeline_uuid="made_good"), "COMPLETED")
    monitor.start()
    wait_messages(slack, 1)
    time.sleep(8 + LOOKED)
    [message] = slack.messages
    assert message["text"].startswith(":red_circle: 4 pipelines failed"), message["text"]
    assert all(name in str(message) for name in ("crm", "sales", "stock", "orders")), message
    assert "made_good" not in str(message), message


def test_a_failure_is_told_at_once_and_an_end_by_the_next_look(captured, hook, start):
    """What hastens nothing takes the looks' five seconds: so long that of two times of one run the ratio tells."""
    begin(captured, start(told_to_hook(hook).replace('"1s"', '"0s"')), hook)
    waits = {"FAILED": 0, "COMPLETED": 0}
    for number in range(6):
        status = ("FAILED", "COMPLETED")[number % 2]
        one = captured.insert_run()
        before = time.monotonic()
        end(captured, one, status)
        wait_until(lambda: len(hook.acted) == number + 1, 60, f"{status} is told", pause=0.02)
        waits[status] += time.monotonic() - before
    assert 2 * waits["FAILED"] < waits["COMPLETED"], waits


def test_a_loop_stops_itself(captured, hook, start, ledger):
    monitor = start(to_hook(hook, 'at_most = "3 per hour"\n'))
    begin(captured, monitor)
    for _ in range(5):
        end(captured, captured.insert_run(), "COMPLETED")
    wait_until(lambda: len(deliveries(ledger)) == 5 and len(hook.acted) == 3, 60, "three are called for")
    dropped = deliveries(ledger, "--state", "dropped")
    assert len(dropped) == 2 and all("more than at_most, 3 per hour" in one["answer"] for one in dropped)


def test_a_channel_is_tried_by_hand(slack, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text(to_slack(slack, tmp_path))
    done = run("walpulse-monitor", "notify", "test", "data", "--rules", rules)
    assert done.returncode == 0 and done.stdout == "The channel data took it: HTTP 200: ok\n", done.stderr
    assert slack.messages[0]["text"].startswith(":wave: walpulse reaches the channel data")
    done = run("walpulse-monitor", "notify", "test", "nobody", "--rules", rules)
    assert done.returncode == 1 and "they have: data" in done.stderr, done.stderr
    slack.fail_with((403, {}, b"action_prohibited"))
    done = run("walpulse-monitor", "notify", "test", "data", "--rules", rules)
    assert done.returncode == 1 and "action_prohibited" in done.stderr and "hook-secret" not in done.stderr


def test_who_listens_for_the_deadman_is_called_once_a_source_is_seen(captured, start, tmp_path):
    with WebhookReceiver() as checks:
        calls = []
        checks.take = lambda method, path, *_: calls.append((method, path)) or (200, {}, b"OK")
        address = tmp_path / "healthcheck"
        address.write_text(f"{checks.url}/ping/secret-id")
        monitor = start(f'[deadman]\nurl_file = "{address}"\n')
        time.sleep(2 * LOOKED)
        assert not calls, "no source was heard of"
        begin(captured, monitor)
        wait_until(lambda: calls, 90, "it is called")
        assert calls[0] == ("GET", "/ping/secret-id")
