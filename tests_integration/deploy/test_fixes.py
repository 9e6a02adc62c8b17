"""What `doctor` prints behind "fix:" is pasted as it stands, and the finding is gone."""
import itertools
import json
import re

import pytest

from harness.flow import Source
from harness.postgres import Postgres
from harness.programs import run
from harness.shell import in_a_shell

pytestmark = pytest.mark.statement("S28")

names = itertools.count(1)


@pytest.fixture(scope="module")
def server():
    """Its settings are in its own file, where ALTER SYSTEM may change them."""
    with Postgres() as started:
        for name in ("wal_level", "max_replication_slots", "max_wal_senders", "max_connections",
                     "max_slot_wal_keep_size", "fsync"):
            del started.settings[name]
        started.psql("ALTER SYSTEM SET wal_level = 'logical'")
        started.psql("ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'")
        started.restart()
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION; "
                     "CREATE ROLE \"it's\" LOGIN; GRANT pg_monitor TO walpulse")
        yield started


@pytest.fixture
def place(server, programs):
    """Mage's database, before setup."""
    made = Source(server, f"fixed_{next(names)}", programs)
    made.create()
    yield made
    programs.kill_all()
    server.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
    made.drop()


def examined(program, *arguments, env=None):
    """{check: what is wrong}, the worst of each name."""
    done = run(program, "doctor", *arguments, env=env)
    found = {}
    for level, name, finding, more in re.findall(
            r"^(warn|FAIL) +([a-z_]+) +(.*)\n((?:      [a-z]+: .*\n)*)", done.stdout, re.M):
        lines = dict(re.findall(r"      ([a-z]+): (.*)\n", more))
        if above := re.fullmatch("as above, of (.*)", lines.get("fix", "")):
            lines = {key: found[above[1]][key] for key in ("fix", "as", "or", "restart") if key in found[above[1]]}
        found.setdefault(name, {"level": level, "finding": finding, **lines})
    assert done.stdout, done.stderr
    return found


def pasted(server, text, as_role, database):
    """Into a shell or into psql, as whoever may."""
    if re.match(r"(walpulse-|psql |sudo )", text):
        done = in_a_shell(text)
        asked = re.search(r"nobody can be asked here: (.*)", done.stderr)
        if asked:
            done = in_a_shell(asked[1])
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done
    assert re.match(r"[A-Z]+ .*;$", text), f"neither a command nor statements: {text}"
    user = {"a superuser": "postgres", "": "postgres"}.get(as_role, as_role)
    return in_a_shell(f"psql -X -v ON_ERROR_STOP=1 -d '{server.dsn(database, user)}' -f -", typed=text)


def mended(server, database, check, examine, key="fix"):
    found = examine()
    assert check in found, found
    one = found[check]
    done = pasted(server, one[key], one.get("as", ""), database)
    assert done.returncode == 0, one[key] + "\n" + done.stdout + done.stderr
    if one.get("restart") == "needed":
        server.restart()
    after = examine()
    assert check not in after, (one, after[check], done.stdout + done.stderr)
    return one


ALTER = "ALTER TABLE pipeline_run "
BEFORE_SETUP = {
    "no publication": ("publication", []),
    "no slot": ("slot", []),
    "the table is not published": ("publication", ["CREATE PUBLICATION walpulse"]),
    "everything is published": ("publication", ["CREATE PUBLICATION walpulse FOR ALL TABLES"]),
    "an operation is left out": ("operations", [
        "CREATE PUBLICATION walpulse FOR TABLE pipeline_run WITH (publish = 'insert')"]),
    "a foreign comment": ("identity", ["CREATE PUBLICATION walpulse FOR TABLE pipeline_run",
                                       "COMMENT ON PUBLICATION walpulse IS 'mine'"]),
    "no comment": ("identity", ["CREATE PUBLICATION walpulse FOR TABLE pipeline_run"]),
    "no replica identity": ("replica_identity", [ALTER + "REPLICA IDENTITY NOTHING"]),
    "a full replica identity": ("replica_identity", [ALTER + "REPLICA IDENTITY FULL"]),
    "no primary key": ("replica_identity", [ALTER + "DROP CONSTRAINT pipeline_run_pkey CASCADE"]),
    "a text for a time": ("columns", [ALTER + "ALTER created_at DROP DEFAULT",
                                      ALTER + "ALTER created_at TYPE text",
                                      ALTER + "ALTER passed_sla TYPE text"]),
    "no right to read": ("select", ["REVOKE SELECT ON pipeline_run FROM walpulse"]),
    "no right to the schema": ("select", ["REVOKE USAGE ON SCHEMA public FROM PUBLIC"]),
}
AFTER_SETUP = {
    "the slot is gone": ("slot", "SELECT pg_drop_replication_slot('{slot}_anchor'), "
                                 "pg_drop_replication_slot('{slot}')"),
    "the anchor is gone": ("anchor", "SELECT pg_drop_replication_slot('{slot}_anchor')"),
    "the publication is gone": ("publication", "DROP PUBLICATION walpulse"),
    "it publishes inserts only": ("operations",
                                  "ALTER PUBLICATION walpulse SET (publish = 'insert')"),
    "it lost its table": ("publication", "ALTER PUBLICATION walpulse DROP TABLE pipeline_run"),
    "it was altered": ("identity", "ALTER PUBLICATION walpulse SET (publish = 'insert'); ALTER "
                       "PUBLICATION walpulse SET (publish = 'insert, update, delete, truncate')"),
    "it was replaced by one for everything":
        ("publication", "DROP PUBLICATION walpulse; CREATE PUBLICATION walpulse FOR ALL TABLES; "
                        "ALTER PUBLICATION walpulse OWNER TO postgres"),
    "the table was made anew": ("identity", "ALTER TABLE pipeline_run RENAME TO old; CREATE TABLE "
                                "pipeline_run (LIKE old INCLUDING ALL); ALTER TABLE pipeline_run "
                                "OWNER TO mage; GRANT SELECT ON pipeline_run TO walpulse; ALTER "
                                "PUBLICATION walpulse SET TABLE pipeline_run"),
}


@pytest.mark.parametrize("case", BEFORE_SETUP)
def test_before_setup(server, place, sink, case):
    check, statements = BEFORE_SETUP[case]
    for statement in statements:
        server.psql(("" if "ALL TABLES" in statement else "SET ROLE mage; ") + statement, place.name)
    if "SCHEMA public" in str(statements):
        server.psql("REVOKE USAGE ON SCHEMA public FROM walpulse", place.name)
    mended(server, place.name, check, lambda: examined(
        "walpulse-connector", *place.flags(), "--to", sink.url(), env=sink.environment()))


@pytest.mark.parametrize("case", AFTER_SETUP)
def test_after_setup(server, place, sink, monkeypatch, case):
    for name, value in sink.environment().items():
        monkeypatch.setenv(name, value)
    place.setup()
    check, statement = AFTER_SETUP[case]
    server.psql(statement.format(slot=place.slot), place.name)
    again = []

    def examine():
        again.append(examined("walpulse-connector", *place.flags(), "--to", sink.url(),
                              env=sink.environment()))
        return again[-1]

    one = mended(server, place.name, check, examine)
    assert not any(found["level"] == "FAIL" for found in again[-1].values()), (one, again[-1])


def test_a_new_owner_may_vouch_for_his_publication(server, place, sink):
    place.setup()
    server.psql("ALTER PUBLICATION walpulse OWNER TO postgres", place.name)
    mended(server, place.name, "identity", lambda: examined(
        "walpulse-connector", *place.flags()), key="or")


def test_policies_that_hide_rows(server, place):
    place.setup()
    place.execute("ALTER TABLE pipeline_run ENABLE ROW LEVEL SECURITY")
    mended(server, place.name, "row_security",
           lambda: examined("walpulse-connector", *place.flags()))
    server.psql("ALTER ROLE walpulse NOBYPASSRLS")


@pytest.mark.since(14)
def test_a_two_phase_slot(server, place, sink):
    server.psql(f"SELECT pg_create_logical_replication_slot('{place.slot}', 'pgoutput', false, true)",
                place.name)
    mended(server, place.name, "slot", lambda: examined("walpulse-connector", *place.flags()))


def test_an_anchor_that_nobody_wants(server, place):
    place.setup()
    mended(server, place.name, "anchor", lambda: examined(
        "walpulse-connector", *place.flags(), "--replay-window", "0"))


@pytest.mark.parametrize("check, break_it", [
    ("role", "ALTER ROLE walpulse NOREPLICATION"),
    ("role_connections", "ALTER ROLE walpulse CONNECTION LIMIT 2"),
    ("monitor", "REVOKE pg_monitor FROM walpulse"),
    ("wal_level", "ALTER SYSTEM SET wal_level = 'replica'"),
    ("wal_keep_size", "ALTER SYSTEM RESET max_slot_wal_keep_size"),
    ("wal_keep_size", "ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'"),
    ("sender_timeout", "ALTER SYSTEM SET wal_sender_timeout = 0"),
    ("free_slots", "ALTER SYSTEM SET max_replication_slots = 1"),
    ("free_senders", "ALTER SYSTEM SET max_wal_senders = 0"),
    ("connections", "ALTER SYSTEM SET max_connections = 8"),
])
def test_the_server(server, place, check, break_it):
    server.psql(break_it)
    server.restart()
    try:
        mended(server, place.name, check, lambda: examined("walpulse-connector", *place.flags()))
    finally:
        for name in ("max_connections", "max_wal_senders", "max_replication_slots", "wal_sender_timeout"):
            server.psql(f"ALTER SYSTEM RESET {name}")
        server.psql("ALTER SYSTEM SET wal_level = 'logical'")
        server.psql("ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'")
        server.psql("ALTER ROLE walpulse REPLICATION; GRANT pg_monitor TO walpulse")
        server.restart()


@pytest.mark.parametrize("prepare, check", [
    ("CREATE SCHEMA elsewhere AUTHORIZATION mage; ALTER TABLE pipeline_run SET SCHEMA elsewhere; "
     "GRANT USAGE ON SCHEMA elsewhere TO walpulse", "table"),
    ("CREATE SCHEMA \"it's\" AUTHORIZATION mage; ALTER TABLE pipeline_run SET SCHEMA \"it's\"; "
     "GRANT USAGE ON SCHEMA \"it's\" TO walpulse", "table"),
])
def test_an_option_that_leads_elsewhere(server, place, prepare, check):
    server.psql(prepare, place.name)
    found = examined("walpulse-connector", *place.flags())
    done = pasted(server, found[check]["fix"], "", place.name)
    assert re.search(f"^ok +{check} ", done.stdout, re.M), found[check]["fix"] + done.stdout + done.stderr


def test_a_database_that_is_misspelt(server, place):
    flags = place.flags()
    dsn = flags.index("--dsn") + 1
    found = examined("walpulse-connector", *flags[:dsn], flags[dsn].replace(place.name, place.name[:-1]), *flags[dsn + 1:])
    done = pasted(server, found["connection"]["fix"], "", place.name)
    assert re.search(f"^ok +connection .* database {place.name}$", done.stdout, re.M), done.stdout + done.stderr


def test_an_anchor_of_somebody_elses(server, place):
    place.setup()
    server.psql(f"SELECT pg_drop_replication_slot('{place.slot}_anchor'); "
                f"SELECT pg_create_logical_replication_slot('{place.slot}_anchor', 'test_decoding')", place.name)
    mended(server, place.name, "anchor", lambda: examined("walpulse-connector", *place.flags()))


def ledger_of(server, user="walpulse_m"):
    if not server.psql(f"SELECT 1 FROM pg_roles WHERE rolname = '{user}'"):
        server.psql(f"CREATE ROLE {user} LOGIN")
    return server.dsn("ledger_home", user)


@pytest.fixture
def home(server):
    server.psql("CREATE DATABASE ledger_home")
    yield ledger_of(server)
    server.psql("DROP DATABASE ledger_home WITH (FORCE)")


@pytest.mark.parametrize("check, break_it", [
    ("rights", ""),
    ("rights", "CREATE SCHEMA walpulse_ledger; CREATE TABLE walpulse_ledger.ledger (version int); "
               "INSERT INTO walpulse_ledger.ledger VALUES (3); GRANT USAGE, CREATE ON SCHEMA "
               "walpulse_ledger TO walpulse_m"),
    ("makers", "CREATE SCHEMA walpulse_ledger AUTHORIZATION walpulse_m; GRANT CREATE ON SCHEMA "
               "walpulse_ledger TO PUBLIC, \"it's\""),
    ("server", "GRANT CREATE ON DATABASE ledger_home TO walpulse_m; ALTER DATABASE ledger_home SET "
               "default_transaction_read_only = on"),
    ("publication", "GRANT CREATE ON DATABASE ledger_home TO walpulse_m; CREATE PUBLICATION "
                    "everything FOR ALL TABLES"),
])
def test_the_ledger(server, home, check, break_it):
    if break_it:
        server.psql(break_it, "ledger_home")
    found = examined("walpulse-monitor", "--ledger", home)
    one = found[check]
    who = one.get("as", "")
    user = who if who == "walpulse_m" else ""
    done = in_a_shell(f"psql -X -v ON_ERROR_STOP=1 -d '{server.dsn('ledger_home', user or 'postgres')}' -f -",
                      typed=one["fix"])
    assert done.returncode == 0, one["fix"] + done.stderr
    assert check not in examined("walpulse-monitor", "--ledger", home), one


def test_a_schema_that_holds_something_else(server, home):
    server.psql("GRANT CREATE ON DATABASE ledger_home TO walpulse_m; CREATE SCHEMA walpulse_ledger "
                "AUTHORIZATION walpulse_m; CREATE TABLE walpulse_ledger.users (id int)", "ledger_home")
    found = examined("walpulse-monitor", "--ledger", home)
    done = pasted(server, found["ledger"]["fix"], "", "ledger_home")
    assert re.search("^ok +ledger ", done.stdout, re.M), done.stdout + done.stderr


def test_what_is_well_is_told_without_a_word_too_many(server, place, sink):
    """No line that says that there is nothing to do."""
    place.setup()
    report = run("walpulse-connector", "doctor", *place.flags(), "--to", sink.url(),
                 env=sink.environment()).stdout
    status = run("walpulse-connector", "status", *place.flags()).stdout
    again = place.setup()
    for text in (report, status, again):
        for noise in ("not needed", "unknown", "none", "1 warnings", "not visible"):
            assert noise not in text, text
    assert "fix:" not in report and "0 failed, 0 warnings" in report, report
    assert len(report.splitlines()) < 20, report
    assert json.loads(run("walpulse-connector", "doctor", *place.flags(), "--json").stdout)["failed"] == 0
