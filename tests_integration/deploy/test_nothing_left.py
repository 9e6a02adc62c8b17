"""However a demo or a test run ends, nothing of it is left: no process, no folder."""
import contextlib
import os
import pathlib
import pty
import secrets
import select
import signal
import subprocess
import sys

import pytest

from harness import janitor
from harness.deploy_files import ROOT
from harness.programs import bin_dir, wait_until

pytestmark = pytest.mark.statement("nothing-left")

BELOW_A_SHELL = ["sh", "-c", '"$@"; exit $?', "sh"]


def demo_to(sink):
    return [sys.executable, ROOT / "deploy/demo/demo.py", "--bin", bin_dir(), "--sink", sink,
            "--seconds", 600]


class Run:
    """A command with a TMPDIR of its own, and whatever comes of it."""

    def __init__(self, folder, *command, **environment):
        self.mark = f"NOTHING_LEFT={secrets.token_hex(8)}"
        self.folder = folder
        self.log = janitor.log_file("left-")
        name, value = self.mark.split("=")
        # Whoever runs these tests in the background ignores some signals, which is inherited.
        self.process = subprocess.Popen(
            ["env", "--default-signal=HUP,INT,TERM", *map(str, command)], cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
            env={**os.environ, "TMPDIR": folder, name: value, **environment})

    def text(self):
        return pathlib.Path(self.log.name).read_text()

    def _is_of_it(self, process):
        """By its environment; by its folder where that was written over, as PostgreSQL's is."""
        with contextlib.suppress(OSError):
            if self.mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                return True
        with contextlib.suppress(OSError):
            if os.fsencode(self.folder) in (process / "cmdline").read_bytes():
                return True
        with contextlib.suppress(OSError):
            return os.readlink(process / "cwd").startswith(self.folder)
        return False

    def living(self):
        """{process id: name}"""
        found = {}
        for process in pathlib.Path("/proc").iterdir():
            if process.name.isdigit() and self._is_of_it(process):
                with contextlib.suppress(OSError):
                    found[int(process.name)] = (process / "comm").read_text().strip()
        return found

    def wait_for_text(self, text):
        wait_until(lambda: text in self.text() or self.process.poll() is not None, 60, self.text)
        assert text in self.text(), self.text()

    def wait_for_process(self, name):
        wait_until(lambda: name in self.living().values() or self.process.poll() is not None, 60,
                   lambda: f"{name} among {self.living()}\n{self.text()}", pause=0.01)
        assert self.process.poll() is None, self.text()

    def kill_all(self):
        """Where the test fails."""
        for process in self.living():
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()

    def assert_nothing_is_left(self):
        left = {}

        def none():
            left.update(processes=self.living(), files=os.listdir(self.folder))
            return not any(left.values())

        wait_until(none, 30, lambda: f"{left}\n{self.text()}", pause=0.1)


@pytest.fixture
def run():
    """Starts a Run; its folder's path is short, for sockets, and open to the servers' user."""
    with contextlib.ExitStack() as stack:
        def start(*command, **environment):
            folder = stack.enter_context(janitor.folder("x-"))
            os.chmod(folder, 0o711)
            started = Run(folder, *command, **environment)
            stack.callback(started.kill_all)
            return started
        yield start


def start_up(started):
    started.wait_for_process("initdb")


def running(started):
    started.wait_for_text("demo: connector  http://")
    assert {"postgres", "walpulse-connec", "walpulse-monito"} <= set(started.living().values())


@pytest.mark.parametrize("when", [start_up, running])
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL])
def test_a_demo_that_is_ended_by_a_signal_leaves_nothing(run, when, number):
    demo = run(*demo_to("push"))
    when(demo)
    demo.process.send_signal(number)
    assert demo.process.wait(30) == -number, demo.text()
    demo.assert_nothing_is_left()
    assert "Traceback" not in demo.text() and "SQL truth" not in demo.text()
    assert number == signal.SIGKILL or "demo: everything is stopped and removed" in demo.text()


def test_a_demo_whose_terminal_is_closed_leaves_nothing(run):
    terminal, its_side = pty.openpty()
    # The first that a session's leader opens is its terminal.
    shell = run("sh", "-c", f'exec "$@" <>{os.ttyname(its_side)} >&0 2>&0', "sh", *demo_to("push"))
    shown = b""
    while b"demo: connector  http://" not in shown:
        assert select.select([terminal], [], [], 60)[0], shown
        shown += os.read(terminal, 1 << 16)
    os.close(its_side)
    os.close(terminal)
    assert shell.process.wait(30) == -signal.SIGHUP
    shell.assert_nothing_is_left()


@pytest.mark.parametrize("when, sink", [(start_up, "push"), (running, "pubsub")])
def test_a_demo_whose_parent_is_killed_leaves_nothing(run, when, sink):
    shell = run(*BELOW_A_SHELL, *demo_to(sink))
    when(shell)
    shell.process.kill()
    shell.process.wait(30)
    shell.assert_nothing_is_left()


def test_ctrl_c_ends_a_demo_with_its_table(run):
    demo = run(*demo_to("push"))
    demo.wait_for_text("events/s")  # until the simulator runs, Ctrl-C ends the start
    os.killpg(demo.process.pid, signal.SIGINT)
    assert demo.process.wait(60) == 0, demo.text()
    assert "series equal what the database knows" in demo.text()
    demo.assert_nothing_is_left()


def test_ctrl_c_in_its_start_ends_a_demo_at_once(run):
    demo = run(*demo_to("push"))
    start_up(demo)
    os.killpg(demo.process.pid, signal.SIGINT)
    assert demo.process.wait(30) == -signal.SIGINT, demo.text()
    assert "Traceback" not in demo.text()
    demo.assert_nothing_is_left()


A_TEST = '''
import os, pathlib, time
from harness import janitor
from harness.postgres import Postgres

def test_that_takes_long():
    with Postgres(), janitor.folder("ledger-", "/dev/shm") as ledger:
        pathlib.Path(os.environ["STARTED"]).write_text(ledger)
        time.sleep(600)
'''


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_pytest_leaves_nothing(run, tmp_path, workers, number):
    """SIGINT to the group, as a terminal sends it; SIGKILL to the one that was started."""
    written, started = tmp_path / "test_long.py", tmp_path / "started"
    written.write_text(A_TEST)
    pytest_run = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
                     "--rootdir", tmp_path, "--basetemp", tmp_path / "base", "-n", workers,
                     written,
                     PYTHONPATH=str(ROOT / "tests_integration"), PYTHONDONTWRITEBYTECODE="1",
                     STARTED=str(started))
    wait_until(lambda: started.exists() and started.read_text(), 60, pytest_run.text)
    ledger = pathlib.Path(started.read_text())
    assert ledger.exists() and "postgres" in pytest_run.living().values()
    if number == signal.SIGINT:
        os.killpg(pytest_run.process.pid, number)
    else:
        pytest_run.process.kill()
    pytest_run.process.wait(30)
    pytest_run.assert_nothing_is_left()
    wait_until(lambda: not ledger.parent.exists(), 10, f"{ledger} is gone")


BESIDE = ROOT / "deploy/setup/beside.py"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_runs_beside_the_tests_ends_with_them(run, number):
    both = run(BESIDE, "sleep 600 & sleep 601", "tail", "-f", "/dev/null")
    both.wait_for_process("tail")
    wait_until(lambda: list(both.living().values()).count("sleep") == 2, 30, both.living)
    both.process.send_signal(number)
    assert both.process.wait(30) == -number, both.text()
    both.assert_nothing_is_left()
    assert "Traceback" not in both.text()


@pytest.mark.parametrize("aside, command, result, said", [
    ("echo aside", "echo first", 0, "first\nbeside: echo aside ended with exit code 0\naside\n"),
    ("echo aside; exit 3", "sleep 1; echo last", 3, "beside: echo aside; exit 3 ended with exit code 3\naside\nlast\n"),
    ("sleep 600", "echo first; exit 4", 4, "first\n"),
    ("sleep 600", "kill -TERM $$", 128 + signal.SIGTERM, ""),
])
def test_what_fails_of_two_commands_is_the_result_of_both(run, aside, command, result, said):
    both = run(BESIDE, aside, "sh", "-c", command)
    assert both.process.wait(30) == result, both.text()
    assert both.text() == said
    both.assert_nothing_is_left()


def test_what_runs_beside_the_tests_takes_no_time_from_them(run):
    """Where the kernel shares the CPU out among sessions first, the session has the lowest priority, too."""
    sessions = pathlib.Path("/proc/self/autogroup")
    both = run(BESIDE, f"nice; {f'cat {sessions}' if sessions.exists() else 'true'}", "true")
    assert both.process.wait(30) == 0
    _, nice, *session = both.text().splitlines()
    assert nice == "19" and [one.partition(" ")[2] for one in session] == (["nice 19"] if sessions.exists() else [])
