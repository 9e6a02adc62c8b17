"""A TCP server that refuses connections on command and keeps its port meanwhile, and the ways in
which connections end. Standard library only."""
import contextlib
import ctypes
import socket
import struct
import threading

from stand_ins.stand_in import StandIn


class TcpStandIn(StandIn):
    """Subclasses say what becomes of a connection, in _accept, and call _listen once they are ready
    for one."""

    def __init__(self):
        self._listener = bound(0)
        self.port = self._listener.getsockname()[1]

    def _listen(self):
        self._listener.listen(128)
        threading.Thread(target=self._accept_all, args=[self._listener], daemon=True).start()

    def _stop_listening(self):
        """New connections are refused until _listen(), and the port stays this one's."""
        shut(self._listener)
        self._listener.close()
        self._listener = bound(self.port)

    def _accept_all(self, listener):
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            self._accept(connection)

    def _accept(self, connection):
        """Called on the listener's thread: it must not block."""
        raise NotImplementedError

    def stop(self):
        shut(self._listener)
        self._listener.close()


def bound(port):
    """A socket that holds the port (0: a free one) and is deaf: until listen(), connections are
    refused."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def shut(one):
    """Wakes whoever waits for it in another thread."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def reset(one):
    """Ends a connection with RST. Its thread wakes and closes it: a close() from here would do
    nothing while the thread reads."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # connect() to no family aborts the connection (connect(2)).
    ctypes.CDLL(None).connect(one.fileno(), struct.pack("H14x", socket.AF_UNSPEC), 16)
    shut(one)
