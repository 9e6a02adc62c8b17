"""Deliveries as people see them: from the command line and the API, beside the monitor that serves."""
import datetime
import http.client
import json
import sqlite3
import time

import pytest

from harness.flow import Monitor
from harness.page_role import grant_page
from harness.programs import fetch, run

pytestmark = pytest.mark.statement("deliveries")

WAITING, SENT, GIVEN_UP, DROPPED = 0, 1, 2, 4
HOSTILE = "data\n\x1b[2J'; DROP TABLE delivery; --"


def put(ledger, state, channel="data", of="problem 12", answer=""):
    """As a relay leaves one behind: what the monitor itself would have written. The id."""
    now = int(time.time() * 1_000_000)
    with sqlite3.connect(ledger.removeprefix("sqlite:"), timeout=20) as file:
        return file.execute(
            "INSERT INTO delivery (kind, state, head, channel, subject, key, content, what, created, due, attempts, "
            "ended, answer) VALUES (0, ?, ?, ?, 'x', 'key', '{\"secret\": 1}', ?, ?, ?, 3, ?, ?)",
            (state, state == WAITING, channel, of, now, now + 3600 * 1_000_000,
             None if state == WAITING else now, answer)).lastrowid


def deliveries(ledger, *arguments):
    return run("walpulse-monitor", "deliveries", *arguments, "--ledger", ledger)


def listed(ledger, *arguments):
    done = deliveries(ledger, "list", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def page(monitor, token):
    status, text = fetch(f"{monitor.url}/api/v1/deliveries?state=given_up&page_size=3{token}")
    assert status == 200, text
    return json.loads(text)


def retry(monitor, one, headers=None):
    connection = http.client.HTTPConnection(monitor.url.removeprefix("http://"), timeout=20)
    connection.request("POST", f"/api/v1/deliveries/{one}/retry", "{}",
                       {"Content-Type": "application/json", **(headers or {})})
    with connection.getresponse() as answer:
        return answer.status, answer.read().decode()


@pytest.fixture
def monitor(programs, ledger):
    return Monitor(programs, ledger)


def test_the_command_shows_repeats_and_drops_beside_the_monitor(monitor, ledger):
    assert deliveries(ledger, "list").stdout == "There is no such delivery.\n"
    sent, lost, waits = (put(ledger, state) for state in (SENT, GIVEN_UP, WAITING))
    other = put(ledger, GIVEN_UP, HOSTILE, "run mage:812 COMPLETED", "HTTP 404\nno_service")
    assert [one["id"] for one in listed(ledger)] == [other, waits, lost, sent]
    assert [one["id"] for one in listed(ledger, "--state", "given_up", "--channel", "data")] == [lost]
    assert listed(ledger, "--channel", HOSTILE)[0]["answer"] == "HTTP 404\nno_service"
    text = deliveries(ledger, "list").stdout
    assert "\x1b" not in text and "secret" not in text and "HTTP 404 no_service" in text, text
    assert deliveries(ledger, "list", "--state", "lost").returncode != 0

    assert deliveries(ledger, "retry", str(lost)).stdout == f"Delivery {lost} is sent again.\n"
    assert {one["id"]: one for one in listed(ledger)}[lost]["state"] == "waiting"
    for refused in lost, sent, other + 1000:
        done = deliveries(ledger, "retry", str(refused))
        assert done.returncode == 1 and str(refused) in done.stderr, done.stderr
    assert deliveries(ledger, "drop", str(waits)).returncode == 0
    assert deliveries(ledger, "drop", str(waits)).returncode == 1
    assert deliveries(ledger, "drop", "12; DROP TABLE delivery").returncode == 1
    assert {one["id"]: one for one in listed(ledger)}[waits]["state"] == "dropped"


def test_the_api_pages_through_them_and_repeats_what_was_given_up(monitor, ledger):
    ids = [put(ledger, GIVEN_UP, answer="HTTP 500") for _ in range(5)]
    first = page(monitor, "")
    assert [int(one["id"]) for one in first["items"]] == ids[:1:-1]
    rest = page(monitor, f"&page_token={first['next_page_token']}")
    assert [int(one["id"]) for one in rest["items"]] == ids[1::-1] and rest["next_page_token"] is None
    assert "secret" not in json.dumps(first) and first["items"][0]["answer"] == "HTTP 500"

    assert retry(monitor, ids[0])[0] == 202
    assert retry(monitor, ids[0])[0] == 409
    assert retry(monitor, ids[-1] + 1000)[0] == 404
    assert retry(monitor, "x")[0] == 404
    assert retry(monitor, ids[1], {"Origin": "https://elsewhere.example"})[0] == 403
    [one] = listed(ledger, "--state", "waiting")
    assert one["id"] == ids[0] and one["repeated"] and "sent again by" in one["answer"]


def test_the_pages_role_repeats_what_was_given_up(ledger_server, programs, shared):
    name, ledger = shared
    Monitor(programs, ledger)
    dsn, done = grant_page(ledger_server, name)
    assert done.returncode == 0, done.stderr
    one = ledger_server.psql(
        "INSERT INTO walpulse_ledger.delivery (kind, state, head, channel, subject, key, content, what, created, due, "
        "attempts, ended, answer) VALUES (0, 2, false, 'data', 'x', 'key', '{}', 'problem 12', 1, 1, 3, 1, '') "
        "RETURNING id", name).split()[0]
    done = deliveries(dsn, "retry", one)
    assert done.returncode == 0 and done.stdout == f"Delivery {one} is sent again.\n", done.stderr
    assert deliveries(dsn, "drop", one).returncode == 0


TRUTH = """SELECT channel, coalesce(sum(state = 0), 0), min(CASE WHEN state = 0 THEN created END),
    coalesce(sum(state = 2), 0), max(CASE WHEN state = 1 THEN ended END) FROM delivery GROUP BY channel"""


def instant(microseconds):
    if microseconds is None:
        return None
    at = datetime.datetime.fromtimestamp(microseconds // 1_000_000, datetime.timezone.utc)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{microseconds % 1_000_000:06}Z"


def test_every_number_of_a_channel_is_what_the_ledger_says(programs, ledger, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text('[channel.data]\ntype = "log"\n[channel.new]\ntype = "webhook"\nurl = "http://127.0.0.1:1/"\n'
                     '[[notify]]\nto = ["data", "new"]\n')
    monitor = Monitor(programs, ledger, "--rules", rules)
    for state, channel, count in ((SENT, "data", 9), (GIVEN_UP, "data", 7), (WAITING, "old", 4), (SENT, "old", 1),
                                  (GIVEN_UP, HOSTILE, 2), (SENT, "new er", 3)):
        for _ in range(count):
            put(ledger, state, channel, answer="HTTP 500" if state == GIVEN_UP else "")
    time.sleep(1.5)  # what is shown serves for a second
    status, text = fetch(f"{monitor.url}/api/v1/sources")
    assert status == 200, text
    shown = {each["name"]: each for each in json.loads(text)["channels"]}
    with sqlite3.connect(ledger.removeprefix("sqlite:"), timeout=20) as file:
        truth = {channel: (waiting, instant(oldest), given_up, instant(last))
                 for channel, waiting, oldest, given_up, last in file.execute(TRUTH)}
    assert list(shown) == ["data", "new"] + sorted(truth.keys() - {"data"}, key=str.encode)
    assert {name: (each["waiting_count"], each["oldest_waiting_at"], each["given_up_count"], each["last_sent_at"])
            for name, each in shown.items() if name != "new"} == truth
    assert shown["new"]["last_sent_at"] is None and shown["new"]["in_rules"] and not shown["old"]["in_rules"]
    lost = shown["data"]["given_up"]
    assert len(lost) == 5 and shown["data"]["last_error"]["delivery"] == lost[0]["id"]
    assert "secret" not in text


def test_what_waits_is_on_metrics(monitor, ledger):
    put(ledger, WAITING)
    put(ledger, WAITING, "oncall")
    time.sleep(1.5)  # what is shown serves for a second
    assert monitor.total("walpulse_delivery_waiting_count", channel="data") == 1
    assert 'walpulse_delivery_oldest_age{channel="oncall"}' in fetch(f"{monitor.url}/metrics")[1]
