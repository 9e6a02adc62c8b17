#!/usr/bin/env python3
"""Runs a command, and beside it another one in the time that nobody else wants.

    beside.py 'make check' make test

`make test` is what is looked at; `make check`, a line for the shell, has the lowest priority and shows what it said
when both are done, or at once where it failed. Exit code: the command's, or else the other's; 64 for wrong arguments.
However this ends, the other one ends with it (harness/janitor.py).
"""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests_integration"))

from harness import janitor  # noqa: E402


def yield_to_all():
    """In a session of its own. Linux shares the CPU out among sessions first, and only then within one."""
    os.nice(19)
    with contextlib.suppress(OSError):  # no such sharing here
        pathlib.Path("/proc/self/autogroup").write_text("19")


class Aside:
    """The other command."""

    def __init__(self, line):
        self.line = line
        self.wanted = True
        self.said = janitor.log_file("beside-")
        self.process = subprocess.Popen(["sh", "-c", line], stdin=subprocess.DEVNULL, stdout=self.said,
                                        stderr=self.said, start_new_session=True, preexec_fn=yield_to_all)
        self.shown = threading.Thread(target=self._show_if_failed, daemon=True)
        self.shown.start()

    def _show(self):
        print(f"beside: {self.line} ended with exit code {self.process.returncode}", flush=True)
        self.said.seek(0)
        shutil.copyfileobj(self.said, sys.stdout)
        sys.stdout.flush()

    def _show_if_failed(self):
        if self.process.wait() != 0 and self.wanted:
            self._show()

    def result(self):
        """Waits. What it said has been shown then."""
        self.shown.join()
        if self.process.returncode == 0:
            self._show()
        return self.process.returncode

    def give_up(self):
        self.wanted = False


def exit_code(returned):
    """As a shell says it of a command that a signal ended."""
    return returned if returned >= 0 else 128 - returned


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    janitor.hire()
    aside = Aside(arguments[0])
    try:
        result = subprocess.call(arguments[1:])
        if result != 0:
            aside.give_up()  # the janitor ends it
            return exit_code(result)
        return exit_code(aside.result())
    except KeyboardInterrupt:
        aside.give_up()
        janitor.dismiss()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
