"""A wrong flag, variable, key, LSN or DSN is answered with exit 64
or 78, the name of the key and a valid example. And what a newcomer gets wrong first."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from harness.deploy_files import ROOT
from harness.programs import bin_dir, clean_environment, run, wait_until

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


@pytest.mark.parametrize("command, words", [
    ([*RUN, "--topic", "pubsub://p/t"], "unknown option --topic; did you mean --to?"),
    ([*RUN, "--to", "sdtout"], "did you mean stdout?"),
    ([CONNECTOR, "stauts"], "unknown command 'stauts'; did you mean status?"),
    ([CONNECTOR, "status", "--dns", "host=x password=secret1"],
     "unknown option --dns; did you mean --dsn?"),
    ([CONNECTOR, "status", "--pasword=secret1"], "unknown option --pasword; "),
    ([CONNECTOR, "status", "host=x password=secret1"], "there is a word too many; "),
    ([CONNECTOR, "host=x password=secret1"], "unknown command; "),
    ([*SERVE, "--export", "prometeus"], "did you mean prometheus?"),
    ([*SERVE, "--legder", "postgresql://u:secret1@h/d"], "did you mean --ledger?"),
    ([MONITOR, "sources", "lsit"], "did you mean list?"),
    ([MONITOR, "doctor", "--http-port", "1"], "--http-port is an option of serve and page, not of doctor"),
])
def test_a_slip_is_answered_by_what_was_meant(command, words):
    done = run(*command, timeout=10)
    assert done.returncode == 64 and words in done.stderr, done.stderr
    assert "secret1" not in done.stderr and not done.stdout


def variables(program):
    """What the environment may tell it: every flag of its helps but those of one call."""
    commands = re.search(r"^Commands:\n(.*?)\n\n", run(program, "--help").stdout, re.M | re.S)[1]
    names = set()
    for command in re.findall(r"^  ([a-z]+) ", commands, re.M):
        names |= set(re.findall(r"^  --([a-z-]+)", run(program, command, "--help").stdout, re.M))
    one_call = {"config", "print-sql", "from", "until", "follow", "where", "from-id", "to-id",
                "epoch-above", "yes", "json", "dry-run", "print", "create", "pipeline", "source", "trigger"}
    assert len(names - one_call) > 20
    return {"WALPULSE_" + name.upper().replace("-", "_") for name in names - one_call}


def test_neither_program_minds_the_others_variables():
    """Whatever they hold: both may share one environment."""
    for program, other, command in ((CONNECTOR, MONITOR, [*RUN, "--to", "kafka://x"]),
                                    (MONITOR, CONNECTOR, [*SERVE, "--mage-url", "x"])):
        foreign = variables(other) - variables(program)
        assert len(foreign) > 10
        done = run(*command, env={name: "no value that anybody takes" for name in foreign}, timeout=10)
        assert done.returncode == 64
        assert "WALPULSE_" not in done.stderr, done.stderr


def test_a_variable_that_is_no_setting_is_warned_of_where_it_is_near_to_one():
    done = run(*RUN, "--to", "kafka://x", timeout=10, env={"WALPULSE_SOLT": "secret1", "WALPULSE_YES": "1"})
    assert done.stderr.startswith(
        "walpulse-connector: warning: WALPULSE_SOLT is no setting, and is passed over; did you mean "
        "WALPULSE_SLOT?\n"
        "walpulse-connector: warning: WALPULSE_YES is not read; give --yes, which belongs to one call, on "
        "the command line\n"), done.stderr
    assert "secret1" not in done.stderr


def test_our_own_tools_variables_are_no_noise():
    names = set()
    for path in subprocess.run(["git", "ls-files"], cwd=ROOT, text=True, capture_output=True,
                               check=True).stdout.split():
        if pathlib.Path(path).suffix in (".py", ".sh", ".txt", ".cmake") or path == "Makefile":
            text = (ROOT / path).read_text()
            names |= set(re.findall(r"(?:environ(?:\.get\(|\[)\"|export |\$\{?)(WALPULSE_[A-Z_]+)", text))
    names -= variables(CONNECTOR) | variables(MONITOR)
    assert {"WALPULSE_BIN", "WALPULSE_POSTGRES_BIN", "WALPULSE_SNAPSHOT_ROWS"} <= names
    for command in ([*RUN, "--to", "kafka://x"], [*SERVE, "--mage-url", "x"]):
        done = run(*command, env={name: "1" for name in names}, timeout=10)
        assert "warning" not in done.stderr, done.stderr


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
    ([*RUN, "--to", "stdout"], 'solt = "x"', "unknown key 'solt'; did you mean slot?"),
    (SERVE, 'http_port = 1', "unknown key 'http_port'; did you mean http-port?"),
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
def test_the_exit_codes_of_the_help_are_those_of_the_operators_page(program):
    page = " ".join((ROOT / "deploy/operations.md").read_text().split())
    said = " ".join(run(program, "--help").stdout.split())
    codes = re.findall(r"(\d+ [a-z].*?)(?:, (?=\d)|\.$)", said.split("Exit codes: ")[1])
    assert len(codes) >= 5 and all(code in page for code in codes)


@pytest.mark.parametrize("command, words", [
    ([*RUN, "--to", "stdout", "--park-after", "30d"], "--park-after: must be 100ms to 1h"),
    ([*RUN, "--to", "stdout", "--park-after", "10"], "--park-after: '10' lacks a unit"),
    ([*SERVE, "--forget-after", "500ms"], "--forget-after: must be at least 1h"),
    ([*SERVE, "--forget-after", "10"], "--forget-after: '10' lacks a unit"),
    ([*SERVE, "--settle", "180"], "--settle: '180' lacks a unit"),
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


@pytest.mark.parametrize("program", [CONNECTOR, MONITOR])
def test_a_port_that_is_taken_is_exit_69_with_the_way_out(program, source):
    port = source.server.port
    command = {MONITOR: ["serve", "--ledger", "memory"],
               CONNECTOR: ["run", *source.flags(), "--to", "http://127.0.0.1:1/"]}[program]
    done = run(program, *command, "--http-port", port, "--http-address", "127.0.0.1", "--log-format",
               "json", timeout=20)
    assert done.returncode == 69, done.stdout + done.stderr
    (line,) = [json.loads(line) for line in (done.stdout + done.stderr).splitlines() if "cannot listen" in line]
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in line["message"]
    assert "give --http-port another one" in line["message"]
    place = line["logging.googleapis.com/sourceLocation"]["file"]
    assert re.match(r"(connector|monitor)/\w+/\w+\.cpp$", place), "from the top of the project"
    assert (ROOT / place).exists()


def test_a_look_goes_without_the_port_that_a_capture_has(source, programs):
    port = source.server.port
    looker = programs.start(CONNECTOR, *RUN[1:], *source.flags(), "--to", "stdout", "--http-port", port)
    source.insert_run(pipeline_uuid="the_last")
    wait_until(lambda: "the_last" in looker.text(), 20, looker.text)
    assert "serving no probes" in looker.text() and looker.stop() == 0


@pytest.fixture
def stranger(tmp_path):
    """Runs a program as nobody, where the package has put files that nobody may read."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("needs root, and a mount namespace of its own")
    folder = tmp_path / "walpulse"
    folder.mkdir()
    for name in ("connector", "monitor"):
        (folder / f"{name}.toml").write_text('log-level = "nonsense"\n')
        (folder / f"{name}.toml").chmod(0o640)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in (CONNECTOR, MONITOR):
        shutil.copy(bin_dir() / name, programs / name)
    (tmp_path / "etc").mkdir()
    for each in (tmp_path, folder, programs, *tmp_path.parents[:-2]):
        each.chmod(each.stat().st_mode | 0o055)
    script = (f'mount --bind "$1" /etc/walpulse 2>/dev/null || {{ '
              f'mount -t tmpfs none "$2" && cp -a /etc/. "$2" && cp -a "$1" "$2/walpulse" && '
              f'mount --bind "$2" /etc; }} && shift 2 && '
              f'exec setpriv --reuid nobody --regid nogroup --clear-groups "$@"')

    def as_nobody(program, *arguments):
        return subprocess.run(["unshare", "--mount", "bash", "-c", script, "bash", folder, tmp_path / "etc",
                               programs / program, *arguments], env=clean_environment(), cwd="/tmp",
                              text=True, capture_output=True, timeout=30)
    return as_nobody


@pytest.mark.parametrize("program, arguments, code", [
    (CONNECTOR, ["status", "--dsn", "host=127.0.0.1 port=1 dbname=x user=x"], 69),
    (MONITOR, ["descriptors"], 0),
])
def test_whom_the_installed_file_is_closed_to_is_warned_once_and_served(stranger, program, arguments, code):
    file = f"/etc/walpulse/{program.removeprefix('walpulse-')}.toml"
    done = stranger(program, *arguments)
    assert done.returncode == code, done.stderr
    warnings = [line for line in done.stderr.splitlines() if "warning" in line]
    assert warnings == [f"{program}: warning: cannot read the configuration file {file} (Permission denied), "
                        "so that none of its settings counts; run this as root (sudo), or name a file that "
                        "you may read (--config FILE)"]
    asked = stranger(program, *arguments, "--config", file)
    assert asked.returncode == 78
    assert f"cannot read the configuration file {file}: Permission denied" in asked.stderr
