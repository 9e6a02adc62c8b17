"""Whatever the server, the database, the role, PGOPTIONS or the dsn set, and whatever a role without
rights puts into a schema of the path: every command does the same, and nothing of it is called."""
import contextlib
import json
import threading

import psycopg
import pytest

from harness.flow import Monitor
from harness.postgres import Postgres
from harness.programs import run, wait_until
from stand_ins.hostile_place import HostilePlace, safe_options

pytestmark = [pytest.mark.core("hostile sessions"), pytest.mark.statement("hostile-sessions")]

PROCESSED = "walpulse_event_processed_count_total"

# A column whose text depends on each of the settings, and its text in every event.
COLUMNS = {
    "what": ("regclass", "'public.pipeline_run'", "public.pipeline_run"),
    "price": ("money", "'12.50'", "$12.50"),
    "took": ("interval", "'1 day -02:03:04'", "1 day -02:03:04"),
    "at": ("timestamptz", "'2025-01-02 03:04:05+05:30'", "2025-01-01T21:34:05.000000Z"),
    "born": ("date", "'2025-01-02'", "2025-01-02"),
    "ratio": ("double precision", "0.1::float8 + 0.2::float8", "0.30000000000000004"),
    "raw": ("bytea", r"'\x00ff10'", "\\x00ff10"),
    "word": ("text", "'caf\u00e9 \\'", "caf\u00e9 \\"),
}


@pytest.fixture(scope="module")
def hostile_server():
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION; "
                     "CREATE ROLE ledger LOGIN; CREATE ROLE mallory LOGIN")
        yield started


class Captured(HostilePlace):
    """Mage's table in it."""

    def __init__(self, server, place):
        super().__init__(server, place)
        columns = ", ".join(f"{name} {sort}" for name, (sort, _, _) in COLUMNS.items())
        server.psql(
            "SET ROLE mage; CREATE TABLE pipeline_run (id serial PRIMARY KEY, created_at "
            "timestamptz DEFAULT now(), pipeline_uuid varchar(255), status text, variables json, "
            f"{columns}); GRANT SELECT ON pipeline_run TO walpulse", self.name)
        self.plant(["walpulse", "mage"])

    def insert(self, pipeline="daily"):
        listed = ", ".join(COLUMNS)
        literals = ", ".join(literal for _, literal, _ in COLUMNS.values())
        self.quiet(f"INSERT INTO public.pipeline_run (pipeline_uuid, status, {listed}) "
                   f"VALUES ('{pipeline}', 'RUNNING', {literals})")

    @contextlib.contextmanager
    def open_insert(self, seconds):
        """A transaction that writes, and ends after a while."""
        writer = psycopg.connect(self.server.dsn(self.name), options=safe_options())
        writer.execute("INSERT INTO public.pipeline_run (status) VALUES ('INITIAL')")
        timer = threading.Timer(seconds, lambda: (writer.commit(), writer.close()))
        timer.start()
        try:
            yield
        finally:
            timer.join()

    def command(self, *arguments, code=0, timeout=90):
        done = run("walpulse-connector", *arguments, "--dsn", self.dsn("walpulse"), "--slot",
                   self.name, env=self.env, timeout=timeout)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def admin(self):
        return "--admin-dsn", self.dsn("mage")


# "nowhere": the settings are the server's own, and only the objects are hostile.
@pytest.fixture(params=["nowhere", "role", "database", "PGOPTIONS", "dsn"])
def place(request):
    return request.param


@pytest.fixture
def captured(hostile_server, place, programs):
    made = Captured(hostile_server, place)
    yield made
    programs.kill_all()
    made.clear()
    wait_until(lambda: made.quiet("SELECT count(*) FROM pg_replication_slots WHERE active "
                                  f"AND database = '{made.name}'") == [(0,)], 20, "slots let go")
    made.quiet("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
               f"WHERE database = '{made.name}'")


def events(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"op":')]


def rows(text):
    """Of the runs with all columns, as the events have them."""
    return [event["after"] for event in events(text)
            if event.get("after") and event["after"].get("pipeline_uuid")]


def assert_pinned(found):
    assert found
    for row in found:
        assert {name: row[name] for name in COLUMNS} == {
            name: text for name, (_, _, text) in COLUMNS.items()}


def test_every_command_does_what_it_does_elsewhere(captured, programs, sink):
    with captured.open_insert(1.2):
        made = captured.command("setup", *captured.admin(), "--slot-timeout", "30s")
    assert "wrote    identity" in made.stdout
    ((begin,),) = captured.quiet("SELECT pg_current_wal_insert_lsn()::text")
    assert "nothing changed" in captured.command("setup", *captured.admin()).stdout
    report = json.loads(captured.command("doctor", *captured.admin(), "--json").stdout)
    assert report["failed"] == 0, report
    captured.command("status")

    connector = programs.start("walpulse-connector", "run", "--dsn", captured.dsn("walpulse"),
                               "--slot", captured.name, "--to", "stdout", env=captured.env)
    for _ in range(3):
        captured.insert()
    captured.quiet("INSERT INTO public.pipeline_run (status) SELECT 'INITIAL' "
                   "FROM generate_series(1, 4000)")
    captured.insert("the_last")
    wait_until(lambda: "the_last" in connector.text(lines=1_000_000), 60, connector.text)
    assert connector.running(), connector.text()
    said = connector.text(lines=1_000_000)
    assert connector.stop() == 0 and "trying again" not in said, connector.text()
    assert len(rows(said)) == 4
    assert_pinned(rows(said))

    # What follows takes longer than the timeouts.
    read = captured.command("snapshot", "--to", "stdout", "--rate", "4000")
    assert "goes on under another" not in read.stderr, read.stderr
    assert len(events(read.stdout)) == 4_005
    assert_pinned(rows(read.stdout))
    with captured.open_insert(1.2):
        captured.command("snapshot", "--to", "stdout", "--slot-timeout", "30s")
    for way in ("sql", "stream"):
        again = captured.command("replay", "--from", begin, "--to", "stdout", "--rate", "4000",
                                 "--via", way)
        assert "trying again" not in again.stderr, again.stderr
        assert len(rows(again.stdout)) == 4
        assert_pinned(rows(again.stdout))

    captured.env.update(sink.environment())
    captured.command("recover", *captured.admin(), "--to", sink.url(), "--yes")
    captured.command("teardown", *captured.admin(), "--yes")
    captured.assert_nothing_was_called()


def test_a_printed_script_means_the_same_in_anybodys_psql(captured):
    for script in ("setup", "setup", "recover", "setup"):
        done = captured.psql(captured.command(script, "--print-sql").stdout)
        assert done.returncode == 0 and "ERROR" not in done.stdout, done.stdout
    assert "nothing changed" in captured.command("setup", *captured.admin()).stdout
    captured.assert_nothing_was_called()


@pytest.mark.since(18)
def test_a_warning_that_a_role_hides_ends_the_stream_all_the_same(captured, programs):
    """L2's kind: 18 only warns of a missing publication, and drops what is in no other one."""
    captured.command("setup", *captured.admin())
    connector = programs.start("walpulse-connector", "run", "--dsn", captured.dsn("walpulse"),
                               "--slot", captured.name, "--to", "stdout", env=captured.env)
    captured.insert()
    wait_until(lambda: rows(connector.text(lines=1000)), 30, connector.text)
    captured.quiet("DROP PUBLICATION walpulse")
    captured.insert("behind_it")
    assert connector.wait(30) == 3, connector.text()
    assert "behind_it" not in connector.text()


def test_the_ledger_is_as_deaf(hostile_server, place, source, programs):
    home = HostilePlace(hostile_server, place)
    home.server.psql("GRANT CREATE ON DATABASE " + home.name + " TO ledger")
    home.plant(["ledger"])
    try:
        dsn = f"{home.dsn('ledger')} application_name=ledger"
        monitor = Monitor(programs, dsn, "--export", "prometheus",
                          env=home.env)
        connector = source.connector(f"{monitor.url}/push")
        for _ in range(3):
            source.insert_run()
        monitor.wait_total(3, PROCESSED, seconds=30, outcome="applied")
        done = run("walpulse-monitor", "doctor", "--ledger", dsn, env=home.env)
        assert done.returncode == 0, done.stdout + done.stderr
        assert connector.stop() == 0, connector.text()
        assert monitor.program.stop() == 0, monitor.program.text()
        home.assert_nothing_was_called()
    finally:
        programs.kill_all()
        home.clear()
