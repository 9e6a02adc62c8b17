"""Clients that no server wants, and one that it must not fail while they are there."""
import collections
import pathlib
import resource
import socket
import subprocess
import sys
import threading

from harness.programs import wait_until

TESTS = pathlib.Path(__file__).resolve().parent.parent


def raise_file_limit(wanted=8192):
    """For this process and what it starts from now on; returns the limits of before."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, before[1]), before[1]))
    return before


def connected(port, greeting, timeout):
    one = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    try:
        one.sendall(greeting)
    except OSError:
        pass  # refused while it was still speaking, or given up already
    return one


class Crowd:
    """Many connections that each send `greeting`, then, where `trickle` is given, a byte of it every
    now and then. Those that the server closes are opened again."""

    def __init__(self, port, count, greeting=b"", trickle=b"", pause=0.5):
        self.port, self.greeting, self.trickle, self.pause = port, greeting, trickle, pause
        self.sockets, self.reopened = [], 0
        self.ended = threading.Event()
        for _ in range(count):
            self.sockets.append(self._open())
        self.thread = threading.Thread(target=self._bother, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        for one in self.sockets:
            one.close()

    def _open(self):
        one = connected(self.port, self.greeting, timeout=10)
        one.setblocking(False)
        return one

    def _bother(self):
        while not self.ended.wait(self.pause):
            for index, one in enumerate(self.sockets):
                if self.ended.is_set():
                    return
                try:
                    if self.trickle:
                        one.send(self.trickle[:1])
                except BlockingIOError:
                    pass
                except OSError:
                    one.close()
                    self.sockets[index] = self._open()
                    self.reopened += 1


class Flood:
    """More connections than a server takes, none of which brings a whole request, or wants another
    one. Every moment the oldest is closed and a new one opened."""

    PER_SECOND = 100
    KINDS = {
        "silent": b"",
        "half a head": b"POST /push HTTP/1.1\r\nHost: m\r\nX-Slow: ",
        "a slow body": b"POST /push HTTP/1.1\r\nHost: m\r\nContent-Length: 14000000\r\n\r\n{",
        "silent since its answer": b"GET /liveness HTTP/1.1\r\nHost: m\r\n\r\n",
    }

    def __init__(self, port, greeting, count=1500):
        self.port, self.greeting, self.opened, self.problem = port, greeting, 0, None
        self.sockets = collections.deque(self._open() for _ in range(count))
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        for one in self.sockets:
            one.close()

    def _open(self):
        self.opened += 1
        return connected(self.port, self.greeting, timeout=20)

    def _renew(self):
        try:
            while not self.ended.wait(1 / self.PER_SECOND):
                self.sockets.append(self._open())
                self.sockets.popleft().close()
        except OSError as error:
            self.problem = error


class BaselineClients:
    """baseline_clients.py beside the hostile ones: every status, and how long each answer took. They
    push, or ask for /liveness where there is no golden event."""

    def __init__(self, port, golden=None):
        self.command = [sys.executable, "-m", "stand_ins.baseline_clients", str(port),
                        *([golden] if golden else [])]
        self.statuses, self.seconds = {}, []
        self.lock = threading.Lock()

    def __enter__(self):
        self.process = subprocess.Popen(self.command, cwd=TESTS, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.reader.join()
        self.process.wait()
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            status, seconds = line.split()
            status = int(status) if status.isdigit() else status
            with self.lock:
                self.statuses[status] = self.statuses.get(status, 0) + 1
                self.seconds.append(float(seconds))

    def served(self):
        with self.lock:
            return self.statuses.get(204, 0) + self.statuses.get(200, 0)

    def percentile(self, share):
        with self.lock:
            return sorted(self.seconds)[int(len(self.seconds) * share)]


class Raw:
    """One connection, byte for byte."""

    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *pieces):
        """False where the server has closed the connection meanwhile."""
        try:
            for piece in pieces:
                self.socket.sendall(piece)
        except OSError:
            return False
        return True

    def statuses(self, count):
        """Of the next answers, which have no bodies that look like a status line; fewer where the
        connection ends. Zero answers are what a client sees that was cut off."""
        while self.received.count(b"HTTP/1.1 ") < count or not self.received.endswith(b"\n"):
            try:
                piece = self.socket.recv(1 << 16)
            except OSError:
                break
            if not piece:
                break
            self.received += piece
        return [int(part[:3]) for part in self.received.split(b"HTTP/1.1 ")[1:]]


    def at_end(self):
        """Whether the server closes the connection, whatever else it says before."""
        try:
            while self.socket.recv(1 << 16):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True


def assert_served(*baselines, more=200):
    """The baseline clients get on, and nothing of theirs was refused or lost."""
    wanted = [one.served() + more for one in baselines]
    wait_until(lambda: all(one.served() >= enough for one, enough in zip(baselines, wanted)), 30,
               lambda: f"baseline clients: {[one.statuses for one in baselines]}", pause=0.1)
    assert all(set(one.statuses) <= {200, 204} for one in baselines), [one.statuses for one in baselines]


def post(body, *headers, path="/push"):
    """A whole request."""
    head = [f"POST {path} HTTP/1.1", "Host: monitor", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def chunks(body, size=1 << 16):
    """`body` in chunked coding."""
    for at in range(0, len(body), size):
        piece = body[at:at + size]
        yield b"%x\r\n" % len(piece) + piece + b"\r\n"
    yield b"0\r\n\r\n"
