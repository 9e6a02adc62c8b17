"""The printed scripts make the two roles, and nothing else is needed from there on; nobody sees a password."""
import json
import subprocess

import pytest

from harness import postgres
from harness.flow import PROCESSED, Monitor, Source
from harness.postgres import Postgres
from harness.programs import clean_environment, run
from harness.shell import in_a_shell

pytestmark = pytest.mark.statement("S28")

PASSWORD = "it's a $ecret"
LEDGER_PASSWORD = "the ledger's: \\ secret"


@pytest.fixture
def fresh(programs):
    """A server as an installation leaves it, which asks roles for passwords and logs every statement."""
    with Postgres(log_statement="all") as server:
        for name in ("wal_level", "max_replication_slots", "max_wal_senders", "max_slot_wal_keep_size",
                     "fsync"):
            del server.settings[name]
        server.psql("CREATE ROLE mage LOGIN CREATEDB PASSWORD 'mages'")
        rules = server.data / "pg_hba.conf"
        rules.write_text("local all all trust\nhost all postgres,mage,dba 127.0.0.1/32 trust\n"
                         "host all all 127.0.0.1/32 scram-sha-256\n")
        server.psql("ALTER SYSTEM SET password_encryption = 'scram-sha-256'")  # md5 up to 13
        server.restart()
        yield server
        programs.kill_all()


@pytest.fixture
def source(fresh, programs, tmp_path, monkeypatch):
    """Mage's database in it. No role of ours; ~/.pgpass is empty."""
    made = Source(fresh, "mage", programs)
    made.slot = "walpulse"
    made.server.psql("CREATE DATABASE mage OWNER mage")
    made.server.psql("ALTER SCHEMA public OWNER TO mage", "mage")
    made._mage_sim("init")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".pgpass").touch(0o600)
    return made


def by_psql(server, script, tmp_path, user="postgres", database="mage", typed=()):
    """As a DBA runs it; `typed` are the passwords that psql asks for, without a terminal on its stdin: each
    twice, or the two answers."""
    file = tmp_path / "script.sql"
    file.write_text(script)
    return subprocess.run(
        [postgres.psql_program(server.bin), "-X", "-d", server.dsn(database, user), "-f", file],
        input="".join("%s\n%s\n" % (one if isinstance(one, tuple) else (one, one)) for one in typed), text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env=clean_environment(), start_new_session=True)


def printed(program, *arguments):
    done = run(program, *arguments, "--print-sql")
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def keep_password(script, password, home):
    """Takes the line of ~/.pgpass out of the script."""
    (line,) = [line[2:].strip() for line in script.splitlines() if line.endswith(":PASSWORD")]
    with open(home / ".pgpass", "a") as file:
        escaped = password.replace("\\", "\\\\").replace(":", "\\:")
        file.write(line.removesuffix("PASSWORD") + escaped + "\n")


def doctor(source, *arguments):
    done = run("walpulse-connector", "doctor", *source.flags(), "--json", *arguments)
    report = json.loads(done.stdout)
    return done.returncode, {one["name"]: one for one in report["checks"] if one["level"] != "ok"}


def everything_works(source, programs, tmp_path):
    """As the capture role alone."""
    code, faults = doctor(source)
    assert code == 0 and not faults, faults
    begin = source.end_of_log()
    connector = source.programs.start("walpulse-connector", "run", "--dsn", source.dsn, "--to",
                                      "stdout", "--confirm", "--http-port", "0")
    source.insert_run()
    source.insert_run()
    source.wait_confirmed()
    status = run("walpulse-connector", "status", "--dsn", source.dsn, "--json")
    seen = json.loads(status.stdout)
    assert status.returncode == 0 and seen["state"] == "streaming" and seen["sender_visible"], seen
    assert connector.stop() == 0, connector.text()
    again = run("walpulse-connector", "replay", "--dsn", source.dsn, "--from", begin, "--to", "stdout")
    assert again.returncode == 0 and again.stdout.count('"op":"c"') == 2, again.stderr
    rows = run("walpulse-connector", "snapshot", "--dsn", source.dsn, "--to", "stdout")
    assert rows.returncode == 0 and rows.stdout.count('"op":"r"') == 2, rows.stderr


def test_the_dbas_script_is_all_that_a_fresh_server_needs(source, fresh, programs, tmp_path):
    script = printed("walpulse-connector", "setup", "--dsn", source.dsn)
    code, faults = doctor(source)
    assert code == 1 and "--print-sql" in faults["connection"]["remedy"], faults
    done = by_psql(fresh, script, tmp_path, typed=[PASSWORD])
    assert done.returncode == 3 and "restart the server, then run this again" in done.stdout, done
    fresh.restart()
    for _ in range(2):  # asks for no password again
        done = by_psql(fresh, script, tmp_path)
        assert done.returncode == 0 and "everything is made" in done.stdout, done.stdout
    keep_password(script, PASSWORD, tmp_path)
    everything_works(source, programs, tmp_path)
    for text in (done.stdout, (fresh.folder / "log").read_text(), script):
        assert PASSWORD not in text
    assert "SCRAM-SHA-256" in fresh.psql("SELECT rolpassword FROM pg_authid WHERE rolname = 'walpulse'")
    assert fresh.psql("SELECT pubowner::regrole FROM pg_publication", "mage") == "mage"
    gone = run("walpulse-connector", "teardown", "--dsn", source.dsn, "--admin-dsn", source.owner_dsn,
               "--yes")
    assert gone.returncode == 0, gone.stderr


def test_stopped_at_the_question_the_script_asks_again(source, fresh, tmp_path):
    script = printed("walpulse-connector", "setup", "--dsn", source.dsn)
    done = by_psql(fresh, script, tmp_path, typed=[("one", "another")])
    assert done.returncode == 3 and "didn't match" in done.stdout, done.stdout
    assert fresh.psql("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'walpulse'") == "f"
    done = by_psql(fresh, script, tmp_path, typed=[PASSWORD])
    assert "The password of the new role walpulse" in done.stdout, done.stdout
    assert fresh.psql("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'walpulse'") == "t"


def test_run_by_the_owner_it_says_what_is_left_and_that_works_as_printed(source, fresh, programs,
                                                                         tmp_path):
    fresh.psql("ALTER SYSTEM SET wal_level = 'logical'; ")
    fresh.psql("ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'")
    fresh.restart()
    script = printed("walpulse-connector", "setup", "--dsn", source.dsn)
    done = by_psql(fresh, script, tmp_path, user="mage")
    assert done.returncode == 3 and "let an administrator run this script" in done.stdout, done.stdout
    fresh.psql("CREATE ROLE walpulse LOGIN REPLICATION PASSWORD 'plain'; GRANT pg_monitor TO walpulse")
    keep_password(script, "plain", tmp_path)
    done = by_psql(fresh, script, tmp_path, user="mage")
    assert done.returncode == 0, done.stdout
    left = done.stdout.split("where the connector runs: ")[1]
    done = in_a_shell(left)
    assert done.returncode == 0, done.stdout + done.stderr
    done = by_psql(fresh, script, tmp_path, user="mage")
    assert done.returncode == 0 and "everything is made" in done.stdout, done.stdout
    everything_works(source, programs, tmp_path)


def test_on_cloud_sql_it_stops_with_the_flags_that_are_missing(source, fresh, tmp_path):
    fresh.psql("CREATE ROLE cloudsqlsuperuser")
    script = printed("walpulse-connector", "setup", "--dsn", source.dsn)
    done = by_psql(fresh, script, tmp_path, typed=[PASSWORD])
    assert done.returncode == 3, done.stdout
    for flag in ("cloudsql.logical_decoding=on", "max_slot_wal_keep_size=10240"):
        assert flag in done.stdout.split("set the flag")[1], done.stdout
    assert fresh.psql("SELECT count(*) FROM pg_file_settings WHERE name = 'wal_level' "
                      "AND setting = 'logical'") == "0"


def a_dba(server, more):
    """Cloud SQL's postgres is no superuser: it makes roles and slots, and Mage's table is not its own. Up to
    15 only a patched server lets such a role give REPLICATION; here the capture role has it already."""
    server.psql("ALTER SYSTEM SET wal_level = 'logical'")
    server.psql("ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'")
    server.restart()
    server.psql("CREATE ROLE cloudsqlsuperuser; "
                f"CREATE ROLE dba LOGIN CREATEDB REPLICATION {more} IN ROLE cloudsqlsuperuser; "
                "CREATE ROLE walpulse LOGIN REPLICATION PASSWORD 'plain'; "
                "GRANT pg_monitor TO dba WITH ADMIN OPTION")
    if postgres.major() >= 16:
        server.psql("GRANT walpulse TO dba WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")


def members_of_mage(server):
    return server.psql("SELECT count(*) FROM pg_auth_members WHERE roleid = 'mage'::regrole "
                       "AND pg_has_role(member, roleid, 'USAGE') AND NOT EXISTS "
                       "(SELECT FROM pg_roles WHERE oid = member AND rolsuper)")


def test_whoever_makes_roles_but_is_no_superuser_needs_nothing_else(source, fresh, programs, tmp_path):
    a_dba(fresh, "CREATEROLE")
    if postgres.major() >= 16:
        fresh.psql("GRANT mage TO dba WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
    script = printed("walpulse-connector", "setup", "--dsn", source.dsn)
    for _ in range(2):
        done = by_psql(fresh, script, tmp_path, user="dba")
        assert done.returncode == 0 and "everything is made" in done.stdout, done.stdout
        assert members_of_mage(fresh) == "0"
    assert fresh.psql("SELECT pubowner::regrole FROM pg_publication", "mage") == "mage"
    keep_password(script, "plain", tmp_path)
    everything_works(source, programs, tmp_path)


def test_whoever_may_not_give_rights_on_the_table_is_told_who_may(source, fresh, tmp_path):
    a_dba(fresh, "NOCREATEROLE")
    script = printed("walpulse-connector", "setup", "--dsn", source.dsn)
    done = by_psql(fresh, script, tmp_path, user="dba")
    assert done.returncode == 3, done.stdout
    assert ("the table is mage's, and dba may not join that role: let mage run this script for the rest"
            in done.stdout), done.stdout
    assert "slot and identity are left" in by_psql(fresh, script, tmp_path, user="mage").stdout


def test_the_ledgers_script_makes_a_role_that_keeps_one(source, fresh, programs, tmp_path):
    fresh.psql("ALTER SYSTEM SET wal_level = 'logical'")
    fresh.restart()
    dsn = fresh.dsn("runs_ledger", "walpulse_monitor")
    before = run("walpulse-monitor", "doctor", "--ledger", dsn)
    assert before.returncode == 1 and "--print-sql" in before.stdout, before.stdout
    script = printed("walpulse-monitor", "doctor", "--ledger", dsn)
    for typed in ([LEDGER_PASSWORD], []):
        done = by_psql(fresh, script, tmp_path, database="postgres", typed=typed)
        assert done.returncode == 0 and "everything is there" in done.stdout, done.stdout
    keep_password(script, LEDGER_PASSWORD, tmp_path)
    well = run("walpulse-monitor", "doctor", "--ledger", dsn)
    assert well.returncode == 0 and "0 warnings" in well.stdout, well.stdout
    monitor = Monitor(programs, dsn)
    capture = printed("walpulse-connector", "setup", "--dsn", source.dsn)
    assert by_psql(fresh, capture, tmp_path, typed=[PASSWORD]).returncode == 0
    keep_password(capture, PASSWORD, tmp_path)
    connector = source.connector(f"{monitor.url}/push")
    source.insert_run()
    monitor.wait_total(1, PROCESSED, outcome="applied")
    assert connector.running(), connector.text()
    assert run("walpulse-monitor", "doctor", "--ledger", dsn).returncode == 0
    log = (fresh.folder / "log").read_text()
    assert PASSWORD not in log and LEDGER_PASSWORD not in log


def test_the_ledgers_script_says_who_may_give_rights_on_a_database(source, fresh, programs, tmp_path):
    a_dba(fresh, "CREATEROLE")
    dsn = fresh.dsn("mage", "walpulse_monitor")
    script = printed("walpulse-monitor", "doctor", "--ledger", dsn)
    done = by_psql(fresh, script, tmp_path, user="dba", database="postgres", typed=[LEDGER_PASSWORD])
    assert done.returncode == 3 and "everything is there" not in done.stdout, done.stdout
    words = "the database is mage's; as mage run: "
    (said,) = [line for line in done.stdout.splitlines() if words in line]
    fresh.psql("SET ROLE mage; " + said.split(words)[1])
    done = by_psql(fresh, script, tmp_path, user="dba", database="postgres")
    assert done.returncode == 0 and "everything is there" in done.stdout, done.stdout
    keep_password(script, LEDGER_PASSWORD, tmp_path)
    well = run("walpulse-monitor", "doctor", "--ledger", dsn)
    assert well.returncode == 0, well.stdout


@pytest.mark.parametrize("name", ["it's", 'a "b" c', "donnée", "a:b", "$x$", "Mixed"])
def test_a_role_may_be_called_anything(source, fresh, tmp_path, name):
    dsn = f"host=127.0.0.1 port={fresh.port} dbname=mage user=" + "'" + name.replace("'", "\\'") + "'"
    done = by_psql(fresh, printed("walpulse-connector", "setup", "--dsn", dsn), tmp_path,
                   typed=[PASSWORD])
    assert "restart the server" in done.stdout, done.stdout
    quoted = name.replace("'", "''")
    assert fresh.psql("SELECT rolreplication, rolcanlogin FROM pg_roles "
                      f"WHERE rolname = '{quoted}'") == "t|t"
