"""Runs walpulse's own programs for the tests and the demo. Standard library only."""
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

from harness import janitor

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def bin_dir():
    """Where the built programs are: $WALPULSE_BIN, else the release build, else the debug one."""
    chosen = os.environ.get("WALPULSE_BIN")
    folders = [pathlib.Path(chosen)] if chosen else [ROOT / "build/release/bin",
                                                     ROOT / "build/dev/bin"]
    for folder in folders:
        if (folder / "walpulse-connector").exists():
            return folder
    raise RuntimeError(f"walpulse is not built in {folders[0]}: run 'make build'")


def program_path(name):
    """Of one of them; raises with the remedy where it is not built."""
    path = bin_dir() / name
    if not path.exists():
        raise RuntimeError(f"{path} is not built: run 'make build-integration'")
    return path


def clean_environment(extra=None):
    """This process's environment without whatever would lead walpulse to a real cloud or server."""
    unwanted = ("WALPULSE_", "PUBSUB_", "GOOGLE_", "PG", "K_", "CLOUD_RUN_", "PORT", "GCE_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    return {**kept, **(extra or {})}


def wait_until(check, seconds, what, pause=0.05):
    """Calls `check` until it returns something true, which is returned; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(pause)


def run(program, *arguments, env=None, timeout=60, text_input=None):
    """Runs a program to its end; returns its CompletedProcess with text output."""
    return subprocess.run([program_path(program), *map(str, arguments)], timeout=timeout,
                          env=clean_environment(env), input=text_input, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Program:
    """One running program whose output goes to a file; stop() is a SIGTERM and a wait."""

    def __init__(self, program, *arguments, env=None, stdout=None):
        self.name = program
        self.arguments = [str(one) for one in arguments]
        self.env = clean_environment(env)
        self.log = janitor.log_file(f"{program}-")
        self.stdout = stdout
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [program_path(self.name), *self.arguments], env=self.env,
            stdout=self.stdout or self.log, stderr=self.log, stdin=subprocess.DEVNULL,
            start_new_session=True)  # a Ctrl-C at the terminal is ours to handle

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def text(self, lines=60):
        """What it said last. Of one that runs, whole lines alone: the last may be half written."""
        may_write = self.running()
        with open(self.log.name, errors="replace") as log:
            said = log.readlines()
        if may_write and said and not said[-1].endswith("\n"):
            said.pop()
        return "".join(said[-lines:])

    def peak_bytes(self):
        """The most resident memory that the running program ever had (proc(5), VmHWM)."""
        with open(f"/proc/{self.pid}/status") as status:
            (line,) = [line for line in status if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=15):
        """SIGTERM; returns the exit code. Killed, and -9, when it takes longer."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def kill(self):
        if self.running():
            self.process.kill()
        self.process.wait()
        return self.process.returncode

    def wait(self, seconds):
        return self.process.wait(seconds)


def fetch(url, timeout=5):
    """GET; returns (status, text), also for error statuses, and (0, reason) without an answer."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)
