"""Mutes: from the command line, the API and the page's own role; what they hide and what not."""
import http.client
import json
import subprocess
import time

import psycopg
import pytest

from harness.flow import Monitor
from harness.postgres import free_port
from harness.problems import problems, subjects, told, wait_watched
from harness.programs import fetch, run, wait_until

pytestmark = pytest.mark.statement("mutes")

REASON = "vendor is down; ticket 4711"


def mute(ledger, *arguments):
    return run("walpulse-monitor", "mute", *arguments, "--ledger", ledger)


def listed(ledger, *arguments):
    done = mute(ledger, "list", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def call(url, method, path, body=None, headers=None):
    """(status, answer, headers) of a write."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
    connection.request(method, path, None if body is None else json.dumps(body),
                       {"Content-Type": "application/json", **(headers or {})})
    with connection.getresponse() as answer:
        text = answer.read().decode()
        return answer.status, json.loads(text) if text else None, dict(answer.headers)


def lines_of(monitor, event):
    return [json.loads(line) for line in monitor.program.text(lines=1_000_000).splitlines()
            if f'"event":"{event}"' in line]


def end(source, one, status):
    source.execute("UPDATE pipeline_run SET status = 'RUNNING', started_at = now() WHERE id = %s", [one])
    source.execute("UPDATE pipeline_run SET status = %s, completed_at = now() WHERE id = %s", [status, one])


@pytest.fixture
def failing(bare_source, programs, ledger):
    """A monitor whose first look is over, and a way to make a pipeline fail or be fine again."""
    bare_source.setup(alone=False)
    monitor = Monitor(programs, ledger)
    bare_source.connector(f"{monitor.url}/push")
    wait_watched(monitor)

    def becomes(status, pipeline="daily_sales"):
        end(bare_source, bare_source.insert_run(pipeline_uuid=pipeline), status)

    return monitor, becomes


def wait_open(ledger, wanted):
    wait_until(lambda: subjects(ledger, "failing") == wanted, 60, lambda: subjects(ledger), pause=0.5)


def test_a_muted_problem_is_open_and_shown_and_alerts_nobody(failing, ledger):
    monitor, becomes = failing
    done = mute(ledger, "pipeline", "daily_*", "--for", "2h", "--reason", REASON)
    assert done.returncode == 0 and "for 0 problems" in done.stdout, done.stderr + done.stdout
    becomes("FAILED")
    becomes("FAILED", "weekly")
    wait_open(ledger, {"daily_sales", "weekly"})
    by_subject = {line["subject"]: line for line in told(monitor)}
    assert by_subject["daily_sales"]["severity"] == "INFO" and by_subject["daily_sales"]["muted_by"]
    assert by_subject["weekly"]["severity"] == "WARNING" and "muted_by" not in by_subject["weekly"]
    shown = {one["subject"]: one for one in problems(ledger)}
    assert shown["daily_sales"]["state"] == "open" and "muted" not in shown["weekly"]
    assert shown["daily_sales"]["muted"]["reason"] == REASON
    text = run("walpulse-monitor", "problems", "--ledger", ledger).stdout
    assert f": {REASON} (mute 1)" in text, text

    [one] = listed(ledger)
    done = mute(ledger, "lift", str(one["id"]))
    assert done.returncode == 0 and "over since" in done.stdout, done.stderr
    assert listed(ledger) == [] and listed(ledger, "--all")[0]["ended_by"] == one["created_by"]
    assert mute(ledger, "lift", str(one["id"])).returncode == 1
    assert mute(ledger, "lift", "99").returncode == 1


def test_a_mute_that_runs_out_over_an_open_problem_is_said_once(failing, ledger):
    monitor, becomes = failing
    becomes("FAILED")
    wait_open(ledger, {"daily_sales"})
    assert mute(ledger, "pipeline", "*", "--for", "3s", "--reason", REASON).returncode == 0
    wait_until(lambda: lines_of(monitor, "mute_ended"), 30, "its end is logged", pause=0.5)
    time.sleep(6)
    [line] = lines_of(monitor, "mute_ended")
    assert line["severity"] == "WARNING" and line["ended_by"] == "ran out"
    assert line["problems"] == [problems(ledger)[0]["id"]] and line["reason"] == REASON


def test_until_recovered_ends_with_the_problem(failing, ledger):
    monitor, becomes = failing
    assert mute(ledger, "pipeline", "daily_*", "--until", "recovered", "--reason",
                REASON).returncode == 1, "there is nothing to recover"
    becomes("FAILED")
    wait_open(ledger, {"daily_sales"})
    [one] = problems(ledger)
    done = mute(ledger, "problem", str(one["id"]), "--until", "recovered", "--reason", REASON)
    assert done.returncode == 0 and "for 1 problem " in done.stdout, done.stderr
    becomes("COMPLETED")
    wait_open(ledger, set())
    wait_until(lambda: listed(ledger) == [], 30, "the mute is over", pause=0.5)
    assert listed(ledger, "--all")[0]["ended_by"] == "recovered"
    assert [line["severity"] for line in lines_of(monitor, "mute_ended")] == ["INFO"]
    assert told(monitor)[-1]["muted_by"]
    becomes("FAILED")
    wait_open(ledger, {"daily_sales"})
    assert told(monitor)[-1]["severity"] == "WARNING", "another problem, which nobody knows of"


@pytest.mark.parametrize("arguments, said", [
    (["pipeline", "x", "--for", "2h"], "reason"),
    (["pipeline", "x", "--reason", "r"], "until"),
    (["pipeline", "x", "--reason", "r", "--for", "8d"], "--mute-max"),
    (["pipeline", "x[", "--reason", "r", "--for", "1h"], "pipeline"),
    (["problem", "7", "--reason", "r", "--for", "1h"], "no open problem"),
])
def test_what_cannot_be_muted_is_said(programs, ledger, arguments, said):
    Monitor(programs, ledger)
    done = mute(ledger, *arguments)
    assert done.returncode == 1 and said in done.stderr, done.stderr


def test_the_api_mutes_in_the_name_of_who_asks(programs, ledger):
    monitor = Monitor(programs, ledger)
    status, made, headers = call(monitor.url, "POST", "/api/v1/mutes",
                                 {"pipeline": "daily_*", "for": "2h", "reason": REASON})
    assert status == 201 and headers["Location"] == made["url"] == "/api/v1/mutes/1", made
    assert made["created_by"] == "this machine" and made["state"] == "in_force"
    assert listed(ledger)[0]["reason"] == REASON
    for body in ({}, [], {"pipeline": "x", "for": "2h"}, {"pipeline": "x", "for": "9d", "reason": "r"},
                 {"pipeline": "x", "for": "2h", "reason": "r", "created_by": "eve"},
                 {"pipeline": "x" * 20_000, "for": "2h", "reason": "r"}):
        status, problem, _ = call(monitor.url, "POST", "/api/v1/mutes", body)
        assert status in (400, 413) and problem["detail"], body
    assert call(monitor.url, "DELETE", "/api/v1/mutes/1")[0] == 204
    assert call(monitor.url, "DELETE", "/api/v1/mutes/1")[0] == 409
    assert call(monitor.url, "DELETE", "/api/v1/mutes/2")[0] == 404
    assert call(monitor.url, "POST", "/api/v1/mutes", {}, {"Origin": "https://evil.example.com"})[0] == 403
    assert listed(ledger) == []


class Page:
    """walpulse-monitor page, on a port of its own."""

    def __init__(self, programs, dsn, *arguments, env=None):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.program = programs.start("walpulse-monitor", "page", "--ledger", dsn, "--http-port", port,
                                      *arguments, env=env)
        wait_until(lambda: fetch(f"{self.url}/readiness")[0] == 200 or not self.program.running(), 20,
                   lambda: self.program.text())
        assert self.program.running(), self.program.text()


def grant_page(server, name, schema="walpulse_ledger"):
    """The page's role by the script that the program prints, as a DBA runs it."""
    server.psql("DO $$ BEGIN CREATE ROLE page LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    dsn = server.dsn(name, "page")
    done = run("walpulse-monitor", "page", "--print-sql", "--ledger", dsn)
    assert done.returncode == 0, done.stderr
    return dsn, subprocess.run(["psql", "-X", server.dsn(name)], input=done.stdout,
                               capture_output=True, text=True, timeout=60)


def test_the_pages_role_reads_and_mutes_and_does_nothing_else(ledger_server, programs, shared):
    name, ledger = shared
    dsn, early = grant_page(ledger_server, name)
    assert early.returncode == 3 and "start the monitor once" in early.stderr, early.stderr
    monitor = Monitor(programs, ledger)
    for _ in range(2):
        dsn, done = grant_page(ledger_server, name)
        assert done.returncode == 0, done.stderr
    page = Page(programs, dsn)
    status, made, _ = call(page.url, "POST", "/api/v1/mutes",
                           {"pipeline": "daily_*", "for": "2h", "reason": REASON})
    assert status == 201, made
    assert [one["id"] for one in listed(dsn)] == [one["id"] for one in listed(ledger)] == [1]
    assert call(page.url, "DELETE", "/api/v1/mutes/1")[0] == 204
    assert problems(dsn) == []
    for path in ("/push", "/", "/metrics"):
        assert call(page.url, "POST", path, {})[0] == 405, "a page takes no messages"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET search_path = walpulse_ledger")
        for statement in ("DELETE FROM mute", "UPDATE ledger SET version = 1", "DELETE FROM problem",
                          "CREATE TABLE t (a int)", "TRUNCATE mute", "DROP TABLE mute",
                          "INSERT INTO run SELECT * FROM run", "CREATE SCHEMA s"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    assert page.program.stop() == 0 and monitor.ready()


def test_a_page_reads_a_file_beside_its_monitor(programs, ledger):
    Monitor(programs, ledger)
    page = Page(programs, ledger)
    assert call(page.url, "POST", "/api/v1/mutes", {"pipeline": "*", "for": "2h", "reason": REASON})[0] == 201
    assert len(listed(ledger)) == 1


@pytest.mark.parametrize("arguments, code, said", [
    (["--ledger", "memory"], 64, "its own process"),
    (["--ledger", "sqlite:/nonexistent/ledger"], 69, "no ledger"),
    (["--ledger", "sqlite:/nonexistent/ledger", "--readers", "none"], 64, "nobody would see the page"),
    (["--ledger", "sqlite:/nonexistent/ledger", "--readers", "loopback", "--http-address", "0.0.0.0"], 64,
     "--readers"),
])
def test_a_page_that_cannot_be_is_refused(arguments, code, said):
    done = run("walpulse-monitor", "page", *arguments)
    assert done.returncode == code and said in done.stderr + done.stdout, done.stderr + done.stdout
