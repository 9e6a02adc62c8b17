"""A private PostgreSQL server in a temporary folder: for the tests, the demo and the benchmarks.

Standard library only. The server refuses to run as root, so as root it runs as the user `postgres`
that Debian's package makes. It listens on a free loopback port, trusts whoever connects there, and
is gone with stop().
"""
import contextlib
import glob
import itertools
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SETTINGS = {
    "wal_level": "logical",
    "track_commit_timestamp": "on",  # the SQL truth orders changes of different runs by it
    "max_replication_slots": "40",
    "max_wal_senders": "40",
    "max_connections": "120",
    "max_slot_wal_keep_size": "4GB",
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # the folder dies with the server
    "timezone": "America/Sao_Paulo",  # whoever forgets to pin UTC finds out
}


# Below those that outgoing connections take (ip(7)): none of them slips in between the asking and the
# binding, or while a program is restarted. Processes that ask at the same time begin elsewhere.
PORTS = range(20_000, 32_000)
_asked = itertools.count(random.randrange(len(PORTS)))


def free_port():
    """A loopback port that nobody uses at the moment, and another one at each call."""
    for _ in PORTS:
        port = PORTS[next(_asked) % len(PORTS)]
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"no port of {PORTS} is free")


def bin_dir(major=15):
    """The folder of the server's programs; raises with the remedy where there is none."""
    chosen = os.environ.get("WALPULSE_POSTGRES_BIN")
    for folder in [chosen] if chosen else [f"/usr/lib/postgresql/{major}/bin"] + sorted(
            glob.glob("/usr/lib/postgresql/*/bin"), reverse=True):
        if os.access(f"{folder}/initdb", os.X_OK):
            return pathlib.Path(folder)
    raise RuntimeError("no PostgreSQL server programs found: install postgresql-15 (make setup) "
                       "or set WALPULSE_POSTGRES_BIN to a folder that holds initdb")


class Postgres:
    """One server. Not thread-safe; connections to it are whoever's."""

    def __init__(self, environment=None, **settings):
        self.bin = bin_dir()
        self.environment = {**os.environ, **(environment or {})}
        self.settings = {**SETTINGS, **settings}
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="walpulse-pg-"))
        self.data = self.folder / "data"
        self.as_user = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self.as_user = ["runuser", "-u", "postgres", "--"]
        try:
            self._make_data()
            self.start()
        except BaseException:
            self.stop()
            raise

    def _make_data(self):
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-N",
                  "--encoding=UTF8", "--locale=C.UTF-8")

    def _run(self, program, *arguments):
        done = subprocess.run([*self.as_user, str(self.bin / program), *map(str, arguments)],
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{done.stdout}\n{self.log()}")
        return done.stdout

    def start(self, **changed):
        """Starts the server, with further settings if any; returns when it answers."""
        self.settings.update(changed)
        options = " ".join(f"-c {name}='{value}'" for name, value in self.settings.items())
        # pg_ctl's child must not inherit our pipe, or reading it would wait for the server's end.
        command = [*self.as_user, str(self.bin / "pg_ctl"), "-D", str(self.data), "-w", "-s",
                   "-l", str(self.folder / "log"), "-o",
                   f"-p {self.port} -k {self.folder} {options}", "start"]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=self.environment)
        if done.returncode != 0:
            raise RuntimeError(f"the server did not start:\n{self.log()}")

    def shut(self, mode="fast", seconds=60):
        """Stops the server and keeps its data; raises when it takes longer."""
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", seconds, "-s", "stop")

    def await_end(self, seconds=30):
        """Until a server that cannot go on has ended by itself; stops one that still tries."""
        deadline = time.monotonic() + seconds
        while (self.data / "postmaster.pid").exists():
            if time.monotonic() > deadline:
                self.shut("immediate")
                return
            time.sleep(0.1)

    def restart(self, mode="fast", **changed):
        self.shut(mode)
        self.start(**changed)

    def promote(self):
        """Makes a primary of a standby."""
        self._run("pg_ctl", "-D", self.data, "-w", "-s", "promote")

    def stop(self):
        """Stops the server and removes everything; harmless when repeated."""
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            pid = int(pid_file.read_text().split()[0])
            try:
                os.kill(pid, signal.SIGQUIT)
                for _ in range(100):
                    os.kill(pid, 0)
                    time.sleep(0.05)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, lines=40):
        try:
            return "\n".join((self.folder / "log").read_text().splitlines()[-lines:])
        except OSError:
            return "(no server log)"

    def dsn(self, database="postgres", user="postgres"):
        return f"host=127.0.0.1 port={self.port} dbname={database} user={user}"

    def psql(self, sql, database="postgres"):
        """Runs SQL with psql; returns unaligned, tuples-only output."""
        done = subprocess.run(
            [str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
             self.dsn(database), "-f", "-"],
            input=sql, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Standby(Postgres):
    """A streaming standby of another server. Replication slots are not copied (before 17)."""

    def __init__(self, primary, **settings):
        self.primary = primary
        super().__init__(**settings)

    def _make_data(self):
        self._run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "-d",
                  self.primary.dsn())
