"""The wall clock of some programs, which jumps on command. libfaketime plays it; the monotonic clock
is left as it is."""
import ctypes
import glob
import os
import pathlib

from harness import janitor
from stand_ins.stand_in import StandIn

REMEDY = "libfaketime was not found: install Debian's package faketime (make setup)"
SHARED_MEMORY = pathlib.Path("/dev/shm")


def make_semaphore(name):
    """A POSIX semaphore of value 1 that any user may take: the server runs as another one."""
    library = ctypes.CDLL(None, use_errno=True)
    library.sem_open.restype = ctypes.c_void_p
    library.sem_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_uint]
    made = library.sem_open(name.encode(), os.O_CREAT | os.O_EXCL, 0o666, 1)
    assert made, os.strerror(ctypes.get_errno())
    library.sem_close(ctypes.c_void_p(made))


class Clock(StandIn):
    """libfaketime names the semaphore and the shared memory that it makes after the process id, and
    leaves them behind whoever is killed; a later process of that id then does not start
    (libfaketime's README, "Cleaning up shared memory"). So they are made here, one pair for each
    environment, and removed at the end."""

    def __init__(self, folder):
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        assert found, REMEDY
        self.preloaded, self.file = found[0], folder / "clock"
        self.made = []
        self.jump("+0")

    def jump(self, offset):
        self.file.write_text(offset + "\n")

    def environment(self):
        name = f"walpulse-clock-{os.getpid()}-{id(self)}-{len(self.made)}"
        shared = [SHARED_MEMORY / f"sem.{name}", SHARED_MEMORY / name]
        self.made += shared
        for one in shared:
            janitor.also_remove(one)
        make_semaphore(f"/{name}")
        shared[1].write_bytes(bytes(4096))
        for one in shared:
            one.chmod(0o666)
        # The monitor's malloc() is jemalloc's, which asks for the time before libfaketime (0.9.10) can tell it:
        # the compiler's and libc's own come first.
        return {"LD_PRELOAD": f"{self.preloaded}:libstdc++.so.6:libc.so.6", "FAKETIME_TIMESTAMP_FILE": str(self.file),
                "FAKETIME_SHARED": f"/{name} /{name}", "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def stop(self):
        for one in self.made:
            one.unlink(missing_ok=True)
