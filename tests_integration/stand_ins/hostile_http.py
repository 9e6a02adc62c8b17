"""Clients that no server wants, and one that it must not fail while they are there."""
import pathlib
import resource
import socket
import subprocess
import sys
import threading

TESTS = pathlib.Path(__file__).resolve().parent.parent


def raise_file_limit(wanted=8192):
    """For this process and what it starts from now on; returns the limits of before."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, before[1]), before[1]))
    return before


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
        one = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        try:
            one.sendall(self.greeting)
        except OSError:
            pass  # refused while it was still speaking
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


class BaselineClients:
    """baseline_clients.py beside the hostile ones: every status, and how long each answer took."""

    def __init__(self, port, golden):
        self.command = [sys.executable, "-m", "stand_ins.baseline_clients", str(port), golden]
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
            return self.statuses.get(204, 0)

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
