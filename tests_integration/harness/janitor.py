"""Nothing is left behind, however a demo, a test run or a benchmark ends. Standard library only.

Whoever starts servers and programs hires a janitor: a small process in a session of its own, which no
Ctrl-C, closed terminal or `make` that is killed reaches. It waits at the end of a pipe that only its
employer holds open. When that ends, by SIGKILL too, the janitor stops what its employer started and
removes the employer's places (sweep.py).

- A process is the employer's when it has the employer's mark in its environment. All that is started
  from hire() on inherits it, daemons too: there is nothing to report, and no moment at which a process
  runs and is not known yet.
- A place is a folder in which the employer makes all its temporary files: place(). The janitor hears
  of it before it is made.

An employer whose own parent ends is ended as well (SIGTERM, SIGKILL after a while), unless it was sent
into the background on purpose: by nohup, or by a script's `&`.
"""
import atexit
import contextlib
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import weakref

VARIABLE = "JANITOR"
PROGRAM = pathlib.Path(__file__).with_name("sweep.py")


class _Hired:
    """This process's janitor."""

    def __init__(self):
        self.employer = os.getpid()
        self.mark = f"walpulse-{self.employer}-{secrets.token_hex(8)}"
        self.places = {}
        environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
        watched = [] if _in_background() else _watched()
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", PROGRAM, VARIABLE, self.mark, *map(str, watched)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
            env=environment, pass_fds=watched, start_new_session=True)
        for descriptor in watched:
            os.close(descriptor)
        os.environ[VARIABLE] = self.mark

    def tell(self, path):
        with contextlib.suppress(BrokenPipeError):  # somebody killed it: what ends well is still tidy
            os.write(self.process.stdin.fileno(), os.fsencode(path) + b"\0")


_lock = threading.RLock()
_hired = None


def _in_background():
    return signal.SIG_IGN in (signal.getsignal(signal.SIGHUP), signal.getsignal(signal.SIGINT))


def _watched():
    """Descriptors of this process and of its parent; none where the kernel has no such thing."""
    mine = parents = None
    try:
        parent = os.getppid()
        mine, parents = os.pidfd_open(os.getpid()), os.pidfd_open(parent)
        if os.getppid() == parent:
            return [mine, parents]
    except OSError:
        pass
    for descriptor in (mine, parents):
        if descriptor is not None:
            os.close(descriptor)
    return []


def hire():
    """Has this process a janitor from here on. Harmless when repeated."""
    global _hired
    with _lock:
        if _hired is None or _hired.employer != os.getpid():
            _hired = _Hired()
            atexit.register(dismiss)
        return _hired


def dismiss():
    """Everything stops now and goes: what runs still, side by side, and the places. Harmless when
    repeated; what is started afterwards needs another hire()."""
    global _hired
    with _lock:
        if _hired is None or _hired.employer != os.getpid():
            return
        leaving, _hired = _hired, None
        os.environ.pop(VARIABLE, None)
        leaving.process.stdin.close()
        with contextlib.suppress(KeyboardInterrupt):  # it goes on without us
            leaving.process.wait()


def place(parent=None):
    """This process's folder in `parent` (by default where temporary files go). Other users may pass
    through: servers run as one."""
    with _lock:
        parent = parent or tempfile.gettempdir()
        here = hire()
        if parent not in here.places:
            path = os.path.join(os.path.abspath(parent), f"walpulse-{secrets.token_hex(6)}")
            here.tell(path)
            os.mkdir(path, 0o700)
            os.chmod(path, 0o711)
            here.places[parent] = path
        return here.places[parent]


def folder(prefix, parent=None):
    """A new folder in the place; a `with` removes it at its end."""
    return tempfile.TemporaryDirectory(prefix=prefix, dir=place(parent))


def log_file(prefix):
    """A new open file in the place, which goes when nobody holds it any more."""
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=".log", dir=place())
    os.close(descriptor)
    opened = open(name, "w+")
    weakref.finalize(opened, pathlib.Path(name).unlink, missing_ok=True)
    return opened


def also_remove(path):
    """For a file that can be in no place; to be said before it is made."""
    hire().tell(path)
