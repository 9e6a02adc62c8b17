"""A pooler before the server: what goes through it does, and `doctor` names it where it is in the way."""
import json
import shlex

import pytest

from harness.flow import Monitor, Programs, Source
from harness.pgbouncer import PgBouncer
from harness.postgres import Postgres
from harness.programs import fetch, run, wait_until

pytestmark = pytest.mark.statement("S28")

MODES = ["session", "transaction", "statement"]


@pytest.fixture(scope="module")
def server():
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION; GRANT pg_monitor TO walpulse")
        yield started


@pytest.fixture
def source(server):
    programs = Programs()
    made = Source(server, "pooled", programs)
    made.create()
    made.setup(alone=False)
    yield made
    programs.kill_all()
    server.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
    made.drop()


@pytest.fixture
def ledger(server):
    """A database for a monitor."""
    server.psql("CREATE DATABASE ledger OWNER mage")
    yield server.dsn("ledger", "mage")
    server.psql("DROP DATABASE ledger WITH (FORCE)")


def examined(*command):
    """{check: [what is said]} of what is not well."""
    done = run(*command, timeout=60)
    wrong = {}
    for line in done.stdout.splitlines():
        if line.startswith(("FAIL", "warn")):
            _, name, finding = line.split(None, 2)
            wrong[name] = [finding]
        elif line.startswith("      ") and wrong:
            wrong[name].append(line.strip())
    assert done.stdout, done.stderr
    return wrong


@pytest.mark.parametrize("mode", MODES)
def test_the_connectors_doctor_names_a_pooler_and_where_the_server_is(source, server, mode):
    with PgBouncer(server, mode) as pooler:
        flags = [pooler.past(flag) for flag in source.flags()]
        finding, remedy, *_ = examined("walpulse-connector", "doctor", *flags)["stream"]
        assert finding.startswith("a pooler stands before the server and opens no replication connection")
        assert remedy.startswith("fix: walpulse-connector doctor --dsn") and f"port={server.port} " in remedy
        assert "stream" not in examined(*shlex.split(remedy.removeprefix("fix: ")))


def test_without_a_pooler_the_stream_is_tried_and_opens(source):
    done = run("walpulse-connector", "doctor", *source.flags(), "--json")
    said = {check["name"]: check["finding"] for check in json.loads(done.stdout)["checks"]}
    assert said["role"] == "walpulse has REPLICATION, and opens a stream" and not {"stream", "pooler"} & set(said)


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_the_monitors_doctor_finds_that_sessions_are_shared(ledger, server, mode):
    with PgBouncer(server, mode) as pooler:
        finding, remedy, *_ = examined("walpulse-monitor", "doctor", "--ledger", pooler.past(ledger))["sessions"]
        assert "pool_mode=transaction or statement" in finding
        assert "sessions" not in examined(*shlex.split(remedy.removeprefix("fix: ")))


def test_a_ledger_behind_a_pooler_of_whole_sessions_counts(source, ledger, server):
    """A startup parameter that PgBouncer does not know, it refuses: `replication`, whatever its value."""
    with PgBouncer(server, "session") as pooler:
        assert "sessions" not in examined("walpulse-monitor", "doctor", "--ledger", pooler.past(ledger))
        monitor = Monitor(source.programs, pooler.past(ledger))
        connector = source.connector(f"{monitor.url}/push")
        source.execute("INSERT INTO pipeline_run (created_at, pipeline_uuid, status) VALUES (now(), 'pooled', 'INITIAL')")
        wait_until(lambda: "pooled" in fetch(f"{monitor.url}/api/v1/runs")[1], 30, "the run is known")
        connector.stop()
        monitor.program.stop()


def test_an_ordinary_session_of_the_connectors_passes_it(source, server):
    """status asks by one."""
    with PgBouncer(server, "session") as pooler:
        done = run("walpulse-connector", "status", *(pooler.past(flag) for flag in source.flags()))
        assert done.returncode == 0, done.stdout + done.stderr
