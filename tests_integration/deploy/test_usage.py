"""A wrong flag, variable, key, LSN or DSN is answered with exit 64
or 78, the name of the key and a valid example. And what a newcomer gets wrong first."""
import re

import pytest

from harness.deploy_files import ROOT
from harness.programs import run

CONNECTOR, MONITOR = "walpulse-connector", "walpulse-monitor"
RUN, SERVE = [CONNECTOR, "run"], [MONITOR, "serve"]


@pytest.mark.parametrize("command, key", [
    ([*RUN, "--to", "kafka://x"], "--to"),
    ([*RUN, "--to", "pubsub://only-a-project"], "--to"),
    ([*RUN], "--to"),
    ([*RUN, "--to", "stdout", "--label", "partner"], "--label"),
    ([*RUN, "--to", "stdout", "--label", "status=variables.x"], "--label"),
    ([*RUN, "--to", "stdout", "--heartbeat", "soon"], "--heartbeat"),
    ([*RUN, "--to", "stdout", "--http-port", "99999"], "--http-port"),
    ([*RUN, "--to", "stdout", "--dsn", "host"], "--dsn"),
    ([*RUN, "--to", "stdout", "--dsn", "host=x password=secret1"], "--dsn"),
    ([*RUN, "--to", "stdout", "--slot", "With-Capitals"], "--slot"),
    ([*RUN, "--to", "stdout", "--no-such-flag", "1"], "--no-such-flag"),
    ([CONNECTOR, "fly"], "fly"),
    ([CONNECTOR], "command is missing"),
    ([*SERVE, "--ledger", "mysql://x"], "--ledger"),
    ([*SERVE, "--export", "graphite"], "--export"),
    ([*SERVE, "--subscription", "walpulse"], "--subscription"),
    ([*SERVE, "--http-port", "http"], "--http-port"),
    ([*SERVE, "--export-interval", "1s"], "--export-interval"),
    ([*SERVE, "--metric-prefix", "walpulse"], "--metric-prefix"),
    ([*SERVE, "--no-such-flag", "1"], "--no-such-flag"),
    ([MONITOR], "ommand"),
])
def test_a_wrong_flag_is_exit_64_and_named(command, key):
    done = run(*command, timeout=10)
    assert done.returncode == 64, done.stdout + done.stderr
    assert key in done.stderr and not done.stdout
    assert "secret1" not in done.stderr


@pytest.mark.parametrize("command, env, key", [
    ([*RUN, "--to", "stdout"], {"WALPULSE_HEARTBEAT": "soon"}, "WALPULSE_HEARTBEAT"),
    ([*RUN], {"WALPULSE_TO": "kafka://x"}, "WALPULSE_TO"),
    (SERVE, {"WALPULSE_LEDGER": "mysql://x"}, "WALPULSE_LEDGER"),
    (SERVE, {"WALPULSE_HTTP_PORT": "http"}, "WALPULSE_HTTP_PORT"),
])
def test_a_wrong_variable_is_exit_78_and_named(command, env, key):
    done = run(*command, env=env, timeout=10)
    assert done.returncode == 78, done.stdout + done.stderr
    assert key in done.stderr


@pytest.mark.parametrize("command, line, key", [
    ([*RUN, "--to", "stdout"], 'heartbeat = "soon"', "heartbeat"),
    ([*RUN, "--to", "stdout"], 'no_such_key = "1"', "no_such_key"),
    ([*RUN, "--to", "stdout"], "slot walpulse", "line 1"),
    (SERVE, 'ledger = "mysql://x"', "ledger"),
    (SERVE, 'no_such_key = "1"', "no_such_key"),
])
def test_a_wrong_configuration_key_is_exit_78_and_named(tmp_path, command, line, key):
    (tmp_path / "config.toml").write_text(line + "\n")
    done = run(*command, "--config", tmp_path / "config.toml", timeout=10)
    assert done.returncode == 78, done.stdout + done.stderr
    assert key in done.stderr


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path, source):
    (tmp_path / "config.toml").write_text('slot = "from_file"\n')
    arguments = ["status", "--dsn", source.dsn, "--config", tmp_path / "config.toml"]
    env = {"WALPULSE_SLOT": "from_environment"}
    assert "from_file" in everything(run(CONNECTOR, *arguments))
    assert "from_environment" in everything(run(CONNECTOR, *arguments, env=env))
    assert run(CONNECTOR, *arguments, "--slot", source.slot, env=env).returncode == 0


def everything(done):
    assert done.returncode != 0
    return done.stdout + done.stderr


@pytest.mark.parametrize("program", [CONNECTOR, MONITOR])
def test_help_and_version_are_printed_and_exit_0(program):
    for flag in ("--help", "--version"):
        done = run(program, flag)
        assert done.returncode == 0 and done.stdout and not done.stderr


@pytest.mark.parametrize("program", [CONNECTOR, MONITOR])
def test_the_exit_codes_of_the_help_are_those_of_the_readme(program):
    readme = " ".join((ROOT / "README.md").read_text().split())
    said = " ".join(run(program, "--help").stdout.split())
    codes = re.findall(r"(\d+ [a-z].*?)(?:, (?=\d)|\.$)", said.split("Exit codes: ")[1])
    assert len(codes) >= 5 and all(code in readme for code in codes)


@pytest.mark.parametrize("command, words", [
    ([*RUN, "--to", "stdout", "--park-after", "30d"], "--park-after: must be 100ms to 1h"),
    ([*RUN, "--to", "stdout", "--park-after", "10"], "--park-after: '10' lacks a unit"),
    ([*SERVE, "--forget-after", "500ms"], "--forget-after: must be at least 1h"),
    ([*SERVE, "--forget-after", "10"], "--forget-after: must be at least 1h"),
])
def test_both_programs_read_a_time_alike(command, words):
    done = run(*command, timeout=10)
    assert done.returncode == 64 and words in done.stderr


def test_run_without_setup_names_the_remedy(bare_source):
    done = run(CONNECTOR, "run", *bare_source.flags(), "--to", "stdout", timeout=30)
    assert done.returncode not in (0, 64, 78)
    assert "setup" in done.stderr


@pytest.mark.statement("S16")
def test_run_whose_slot_was_dropped_says_gap_with_exit_3(source, server):
    server.psql(f"SELECT pg_drop_replication_slot('{source.slot}')")
    done = run(CONNECTOR, "run", *source.flags(), "--to", "http://127.0.0.1:1/", "--http-port", 0,
               timeout=30)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "recover" in done.stdout + done.stderr or "gap" in done.stdout + done.stderr


def test_run_for_another_table_than_was_set_up_consumes_nothing(source, server):
    confirmed = ("SELECT confirmed_flush_lsn FROM pg_replication_slots "
                 f"WHERE slot_name = '{source.slot}'")
    before = server.psql(confirmed)
    server.psql("CREATE TABLE other (id int PRIMARY KEY)", source.name)
    done = run(CONNECTOR, "run", *source.flags(), "--to", "http://127.0.0.1:1/", "--http-port", 0,
               "--table", "other", timeout=30)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "--table" in done.stdout + done.stderr
    assert server.psql(confirmed) == before


def test_run_to_a_topic_that_is_missing_says_so_and_how_to_make_it(source, emulator):
    done = run(CONNECTOR, "run", *source.flags(), "--to", "pubsub://walpulse-local/no-such-topic",
               "--http-port", 0, env=emulator.environment(), timeout=30)
    assert done.returncode == 1
    assert "no-such-topic" in done.stdout + done.stderr


def test_a_server_that_cannot_be_reached_is_exit_69_for_a_single_command(bare_source):
    done = run(CONNECTOR, "status", "--dsn", "host=127.0.0.1 port=1 dbname=x user=x")
    assert done.returncode == 69 and "port" in done.stdout + done.stderr


def test_a_monitor_whose_port_is_taken_says_which(bare_source):
    done = run(MONITOR, "serve", "--ledger", "memory", "--http-port", bare_source.server.port,
               "--http-address", "127.0.0.1", timeout=20)
    assert done.returncode == 69
    assert str(bare_source.server.port) in done.stdout + done.stderr
