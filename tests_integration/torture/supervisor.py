"""Keeps a program running, as systemd or Cloud Run would, and remembers how it fared."""
import contextlib
import signal
import threading
import time

from harness.programs import Program

RESTART_SECONDS = 0.5


class Supervised:
    def __init__(self, program, *arguments, env=None):
        self.program = Program(program, *arguments, env=env)
        self.exits = []        # exit codes, in order
        self.peak_bytes = 0    # over all its lives
        self.lock = threading.RLock()
        self.held = False      # stopped, and not started again
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        while not self.ending.wait(RESTART_SECONDS):
            with self.lock:
                self._weigh()
                if self.held or self.program.running():
                    continue
                self.exits.append(self.program.process.returncode)
                self.program.start()

    def _weigh(self):
        with contextlib.suppress(OSError, ValueError):  # it has just died
            self.peak_bytes = max(self.peak_bytes, self.program.peak_bytes())

    def signal(self, number):
        with self.lock, contextlib.suppress(ProcessLookupError):
            self._weigh()
            self.program.signal(number)

    def hold(self):
        """Stopped until release(), as by an operator."""
        with self.lock:
            self.held = True
            self.signal(signal.SIGTERM)

    def release(self):
        with self.lock:
            self.held = False

    def stop(self, seconds=20):
        """For good; returns the exit code."""
        self.ending.set()
        self.thread.join()
        self.signal(signal.SIGCONT)
        self._weigh()
        return self.program.stop(seconds)

    def kill(self):
        self.ending.set()
        self.thread.join()
        self.program.kill()


class Repeated:
    """Runs a program again and again, each time with the arguments that `arguments(n)` gives."""

    def __init__(self, program, arguments):
        self.name, self.arguments = program, arguments
        self.count = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.ending.is_set():
            self.count += 1
            program = Program(self.name, *self.arguments(self.count))
            while program.running() and not self.ending.is_set():
                time.sleep(0.1)
            program.stop()
            self.ending.wait(RESTART_SECONDS)

    def stop(self):
        self.ending.set()
        self.thread.join()
