"""What --help prints is done as printed, on one machine: the first steps for real, against a database
of Mage's in place of 10.0.0.5; of the examples, that the programs understand them."""
import json
import os
import re
import signal
import socket
import subprocess

import pytest

from harness.programs import bin_dir, clean_environment, fetch, run, wait_until

CONNECTOR, MONITOR = "walpulse-connector", "walpulse-monitor"
COMMANDS = {CONNECTOR: ["setup", "run", "replay", "snapshot", "status", "doctor", "recover", "teardown"],
            MONITOR: ["serve", "doctor", "redrive", "sources", "descriptors"]}
PORTS = {CONNECTOR: 8081, MONITOR: 8080}


def printed(title, text):
    """The command lines below a title of a help, continued lines joined, without their comments."""
    block = re.search(rf"^{title}:\n(.*?)\n\n", text, re.M | re.S)[1]
    lines = [line.split(" # ")[0].strip() for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def environment(**more):
    found = clean_environment(more)
    return {**found, "PATH": f"{bin_dir()}:{found['PATH']}"}


def first_steps(program, source):
    for line in printed("First steps", run(program, "--help").stdout):
        for role, dsn in (("walpulse", source.dsn), ("mage", source.owner_dsn)):
            line = line.replace(f"'host=10.0.0.5 dbname=mage user={role}'", f"'{dsn}'")
        assert "10.0.0.5" not in line
        yield line


@pytest.fixture
def shell(tmp_path):
    """Runs a line to its end, or begins it; what was begun is ended."""
    begun = []

    def begin(line, env):
        out = open(tmp_path / f"{len(begun)}.out", "w+")
        begun.append(subprocess.Popen(["bash", "-c", f"exec {line}"], env=env, cwd=tmp_path, stdout=out,
                                      stderr=subprocess.STDOUT, start_new_session=True))
        begun[-1].text = lambda: open(out.name).read()
        return begun[-1]

    def done(line, env):
        return subprocess.run(["bash", "-c", line], env=env, cwd=tmp_path, text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    yield type("Shell", (), {"begin": staticmethod(begin), "done": staticmethod(done)})
    for process in begun:
        process.kill()
        process.wait()


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


@pytest.fixture
def default_ports():
    """A test in another process may have one for a moment."""
    for port in PORTS.values():
        wait_until(lambda port=port: is_free(port), 60,
                   f"port {port} is free: stop what listens there, the first steps are tried as printed")


def stopped(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(20)


def test_the_connectors_first_steps_work_as_printed(bare_source, sink, shell, default_ports):
    export, doctor, setup, look, publish = first_steps(CONNECTOR, bare_source)
    name, value = re.fullmatch(r"export (\w+)='(.*)'", export).groups()
    env = environment(**{name: value}, **sink.environment())
    missing = shell.done(doctor, env)
    assert missing.returncode == 1 and "fix: " in missing.stdout, missing.stdout
    made = shell.done(setup, env)
    assert made.returncode == 0, made.stdout
    assert shell.done(doctor, env).returncode == 0, shell.done(doctor, env).stdout
    run_id = bare_source.insert_run()
    seen = shell.begin(look, env)
    wait_until(lambda: '"op":"c"' in seen.text(), 20, seen.text)
    assert stopped(seen) == 0
    event = next(json.loads(line) for line in seen.text().splitlines() if '"op":"c"' in line)
    assert event["after"]["id"] == run_id
    capture = shell.begin(publish, env)
    wait_until(lambda: sink.taken_count == 1, 20, capture.text)
    assert fetch(f"http://127.0.0.1:{PORTS[CONNECTOR]}/readiness")[0] == 200
    assert stopped(capture) == 0


def test_the_monitors_first_steps_work_as_printed(source, shell, default_ports):
    serve, capture, look = first_steps(MONITOR, source)
    # The fixture's slot has a name of its own.
    env = environment(WALPULSE_SLOT=source.slot)
    monitor = shell.begin(serve, env)
    wait_until(lambda: shell.done(look, env).returncode == 0, 20, monitor.text)
    connector = shell.begin(capture, env)
    source.insert_run()
    created = re.compile(r"^walpulse_pipeline_run_created_count_total\{.*\} 1$", re.M)
    wait_until(lambda: created.search(shell.done(look, env).stdout), 30,
               lambda: monitor.text() + connector.text())
    for program in PORTS:
        assert fetch(f"http://127.0.0.1:{PORTS[program]}/readiness")[0] == 200
    assert stopped(connector) == 0 and stopped(monitor) == 0


def test_every_example_is_understood(shell):
    """A file that is not there is complained of beside everything else that is wrong."""
    count = 0
    for program, commands in COMMANDS.items():
        for command in commands:
            for line in printed("Examples", run(program, command, "--help").stdout):
                assert f"{line} ".startswith(f"{program} {command} "), line
                line = line.split(" > ")[0]
                named = re.sub(r"--config \S+", "--config /no/such/file", line)
                if named == line:
                    named += " --config /no/such/file"
                done = shell.done(named, environment())
                assert done.returncode == 78, f"{named}\n{done.stdout}"
                assert done.stdout == (f"{program}: cannot read the configuration file /no/such/file: "
                                       "there is none\nTry --help.\n"), named
                count += 1
    assert count >= 20


@pytest.mark.parametrize("program", COMMANDS)
def test_every_help_fits_a_terminal_and_has_one_shape(program):
    texts = [run(program, "--help").stdout,
             *(run(program, command, "--help").stdout for command in COMMANDS[program])]
    for text in texts:
        assert [line for line in text.splitlines() if len(line) > 80] == []
    titles = [re.findall(r"^([A-Z][a-z]+(?: [a-z]+)*):", text[text.index("Usage:"):], re.M)
              for text in texts]
    assert titles[0] == ["Usage", "Commands", "Options", "First steps", "Settings", "Exit codes"]
    for one in titles[1:]:
        assert [title for title in one if title not in ("Commands", "Required")] == [
            "Usage", "Options", "Examples", "How options stand in the environment and in the file",
            "Exit codes"], one


def test_a_help_that_nobody_reads_to_its_end_is_no_failure(tmp_path):
    for program in COMMANDS:
        done = subprocess.run(["bash", "-c", f"{bin_dir() / program} --help | head -1; "
                                             "exit ${PIPESTATUS[0]}"],
                              env=clean_environment(), text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, "") and len(done.stdout.splitlines()) == 1
        # A pipe that nobody reads at all.
        reader, writer = os.pipe()
        os.close(reader)
        left = subprocess.run([bin_dir() / program, "--help"], env=clean_environment(), stdout=writer,
                              stderr=subprocess.PIPE, restore_signals=True)
        os.close(writer)
        assert (left.returncode, left.stderr) == (0, b"")
