"""A network that fails on command: a TCP proxy before PostgreSQL, a sink or anything else.

    with FaultProxy(server.port) as proxy:
        source.dsn = proxy.dsn(source.dsn)
        proxy.half_open()     # everything stays connected and nothing passes
        proxy.restore()

Standard library only.
"""
import contextlib
import re
import socket
import threading
import time

from stand_ins.tcp_stand_in import TcpStandIn, reset, shut

CHUNK = 64 * 1024
FORTH, BACK = "to the server", "to the client"


class FaultProxy(TcpStandIn):
    """Forwards connections on its own port to `target`; each method may be called at any moment."""

    def __init__(self, target, host="127.0.0.1"):
        self.target = (host, target)
        self.latency = 0.0             # seconds that each piece waits, in both directions
        self.bytes_per_second = None   # a trickle, for each connection and direction
        self.passed = {FORTH: 0, BACK: 0}  # bytes
        self.connection_count = 0      # ever accepted
        self._silent = set()           # directions in which nothing passes
        self._lock = threading.Condition()
        self._pairs = set()
        self._stopping = False
        self._refusing = False
        super().__init__()
        self._listen()

    def dsn(self, dsn):
        """The same connection string by way of this proxy."""
        return re.sub(r"\bport=\d+", f"port={self.port}", dsn)

    def half_open(self, *directions):
        """Nothing passes, nothing is closed, and new connections get no answer either: a cable
        pulled behind a proxy. With FORTH or BACK, in that direction only."""
        with self._lock:
            self._silent = set(directions or (FORTH, BACK))

    def reset(self):
        """Every connection ends with RST, at both ends; new ones are welcome."""
        self._end_all(reset)

    def drop(self):
        """Every connection is closed, and new ones are refused until restore()."""
        with self._lock:
            if not self._refusing:
                self._refusing = True
                self._stop_listening()
        self._end_all(shut)

    def restore(self):
        """Everything passes again, also what a silence held back."""
        with self._lock:
            self.latency, self.bytes_per_second = 0.0, None
            self._silent = set()
            if self._refusing:
                self._refusing = False
                self._listen()
            self._lock.notify_all()

    def stop(self):
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        self.drop()
        super().stop()

    def _accept(self, connection):
        self.connection_count += 1
        threading.Thread(target=self._connect, args=[connection], daemon=True).start()

    def _connect(self, client):
        try:
            server = socket.create_connection(self.target, timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        pair = (client, server)
        for one in pair:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            if self._refusing or self._stopping:
                client.close()
                server.close()
                return
            self._pairs.add(pair)
        back = threading.Thread(target=self._forward, args=[server, client, BACK], daemon=True)
        back.start()
        self._forward(client, server, FORTH)
        back.join()
        with self._lock:
            self._pairs.discard(pair)
        client.close()
        server.close()

    def _forward(self, source, sink, direction):
        with contextlib.suppress(OSError):
            # While nothing passes nothing is read either, so that senders fill up.
            while self._wait_until_it_passes(direction) and (piece := self._read(source)):
                self._pace(len(piece))
                if not self._wait_until_it_passes(direction):
                    return
                sink.sendall(piece)
                self.passed[direction] += len(piece)
        # The other end hears of the end, unless the network is silent.
        if self._wait_until_it_passes(direction):
            shut(sink)
            shut(source)

    def _read(self, source):
        return source.recv(512 if self.bytes_per_second else CHUNK)

    def _pace(self, size):
        if self.latency:
            time.sleep(self.latency)
        if self.bytes_per_second:
            time.sleep(size / self.bytes_per_second)

    def _wait_until_it_passes(self, direction):
        with self._lock:
            self._lock.wait_for(lambda: self._stopping or direction not in self._silent)
            return not self._stopping

    def _end_all(self, end):
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            for one in pair:  # their threads close them
                end(one)
