"""Logging in by a token: a server that asks for a password, a metadata server that changes it."""
import pytest

from harness.flow import Monitor
from harness.postgres import Postgres
from harness.programs import run
from stand_ins.identity import ShortTokens

SCOPE = "https://www.googleapis.com/auth/sqlservice.login"


@pytest.fixture
def server():
    """walpulse and ledger need a password, which travels as Cloud SQL's IAM logins do."""
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;"
                     "CREATE ROLE ledger LOGIN")
        yield started


@pytest.fixture
def guarded(server, source):
    """The source, whose server now asks for passwords."""
    hba = server.data / "pg_hba.conf"
    hba.write_text("host all,replication walpulse,ledger 127.0.0.1/32 password\n"
                   + hba.read_text())
    set_token(server, "ya29.first")
    server.psql("SELECT pg_reload_conf()")
    yield source
    hba.write_text(hba.read_text().split("\n", 1)[1])
    server.psql("SELECT pg_reload_conf()")


def set_token(server, token):
    server.psql(f"ALTER ROLE walpulse PASSWORD '{token}'; ALTER ROLE ledger PASSWORD '{token}'")


def end_sessions(server):
    server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename IN ('walpulse', 'ledger')")


def test_every_session_logs_in_with_the_present_token(programs, server, guarded):
    server.psql("CREATE DATABASE ledger OWNER ledger")
    with ShortTokens("ya29.first") as metadata:
        env = {**metadata.environment(), "HOME": "/nonexistent"}
        monitor = Monitor(programs, server.dsn("ledger", "ledger"), "--cloud-sql-iam", env=env)
        connector = guarded.connector(f"{monitor.url}/push", "--cloud-sql-iam", env=env)
        guarded.insert_run()
        guarded.wait_confirmed()
        assert metadata.asked_scopes == {SCOPE}

        metadata.token = "ya29.second"
        set_token(server, "ya29.second")
        end_sessions(server)
        guarded.insert_run()
        guarded.wait_confirmed(90)
        monitor.wait_equal(guarded)
        for program in (connector, monitor.program):
            assert "ya29" not in program.text(10_000), program.text()
            assert program.stop() == 0, program.text()


def test_doctor_logs_in_too_and_says_what_is_missing(server, guarded):
    with ShortTokens("ya29.first") as metadata:
        env = {**metadata.environment(), "HOME": "/nonexistent"}
        done = run("walpulse-connector", "doctor", *guarded.flags(), "--cloud-sql-iam", env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        without = run("walpulse-connector", "doctor", *guarded.flags(), env=env)
        assert without.returncode == 1 and "password" in without.stdout, without.stdout
        twice = run("walpulse-connector", "doctor", *guarded.flags(), "--cloud-sql-iam",
                    env={**env, "PGPASSWORD": "hunter2"})
        assert twice.returncode == 1 and "FAIL  login" in twice.stdout, twice.stdout
        assert "unset PGPASSWORD" in twice.stdout, twice.stdout
    clear = run("walpulse-connector", "status", "--dsn", "host=10.0.0.5 sslmode=disable",
                "--cloud-sql-iam", env=env)
    assert clear.returncode == 1 and "sslmode=require" in clear.stderr, clear.stderr


def test_doctor_of_both_names_the_cure_of_a_login_that_fails(server, guarded):
    ledger = ("--ledger", server.dsn("postgres", "ledger"))
    commands = [("walpulse-connector", guarded.flags()), ("walpulse-monitor", ledger)]
    with ShortTokens("ya29.not-the-one") as metadata:
        env = {**metadata.environment(), "HOME": "/nonexistent"}
        for program, place in commands:
            done = run(program, "doctor", *place, "--cloud-sql-iam", env=env)
            assert done.returncode == 1 and "ok    login" in done.stdout, done.stdout
            for cure in ("cloudsql.iam_authentication=on", "roles/cloudsql.instanceUser"):
                assert cure in done.stdout, done.stdout
        metadata.scopes = ["https://www.googleapis.com/auth/pubsub"]
        for program, place in commands:
            done = run(program, "doctor", *place, "--cloud-sql-iam", env=env)
            assert done.returncode == 1 and "--scopes=cloud-platform" in done.stdout, done.stdout
            assert "sqlservice.login" in done.stdout, done.stdout
    env = {"GOOGLE_APPLICATION_CREDENTIALS": "/nowhere/key.json"}
    for program, place in commands:
        done = run(program, "doctor", *place, "--cloud-sql-iam", env=env)
        assert done.returncode == 1 and "FAIL  login" in done.stdout, done.stdout + done.stderr
        assert "fix: use a service account" in done.stdout, done.stdout


def test_a_key_that_is_none_is_refused_with_its_path(guarded, tmp_path):
    key = tmp_path / "key.json"
    key.write_text('{"type": "gdch_service_account"}')
    done = run("walpulse-connector", "status", *guarded.flags(), "--cloud-sql-iam",
               env={"GOOGLE_APPLICATION_CREDENTIALS": key})
    assert done.returncode == 1 and str(key) in done.stderr, done.stderr
