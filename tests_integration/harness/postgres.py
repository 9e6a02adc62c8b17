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
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import janitor

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
# binding, or while a program is restarted. Workers of one run (xdist) have none in common, and whoever else
# asks at the same time begins elsewhere.
def _ports(environment):
    worker = int(environment.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(environment.get("PYTEST_XDIST_WORKER_COUNT", 1))
    return range(20_000, 32_000)[worker::workers]


PORTS = _ports(os.environ)
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


def major():
    """The major version of the servers that are started here."""
    shown = subprocess.run([bin_dir() / "postgres", "--version"], text=True, check=True,
                           stdout=subprocess.PIPE).stdout
    return int(re.search(r"\d+", shown)[0])


def psql_program(folder):
    """Any version's psql speaks with any server; not every package has one."""
    found = [folder / "psql", *sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"), reverse=True)]
    return next((str(one) for one in found if os.access(one, os.X_OK)), "psql")


class Postgres:
    """One server. Not thread-safe; connections to it are whoever's."""

    def __init__(self, environment=None, programs=None, **settings):
        """`programs`: the folder of another version's."""
        self.bin = pathlib.Path(programs or bin_dir())
        janitor.hire()
        self.environment = {**os.environ, **(environment or {})}
        self.settings = {**SETTINGS, **settings}
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pg-", dir=janitor.place()))
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
        # pg_ctl's child must not inherit a pipe, or reading that would wait for the server's end.
        command = [*self.as_user, str(self.bin / "pg_ctl"), "-D", str(self.data), "-w", "-s",
                   "-l", str(self.folder / "log"), "-o",
                   f"-p {self.port} -k {self.folder} {options}", "start"]
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(command, cwd=self.folder, stdout=said, stderr=said,
                                  env=self.environment)
            said.seek(0)
            if done.returncode != 0:
                raise RuntimeError("the server did not start:\n"
                                   f"{said.read().decode(errors='replace')}\n{self.log()}")

    def shut(self, mode="fast", seconds=60):
        """Stops the server and keeps its data; raises when it takes longer."""
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", seconds, "-s", "stop")

    def copy(self, old, new):
        """A folder of the server's, with its owner and rights, in place of what is there."""
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(old, new, symlinks=True)
        if self.as_user:
            for path in [new, *new.rglob("*")]:
                shutil.chown(path, "postgres", "postgres")

    def upgrade_from(self, old):
        """pg_upgrade, both servers shut, this one still as initdb left it. With logical slots the
        old one does not start under another wal_level."""
        self._run("pg_upgrade", "-b", old.bin, "-B", self.bin, "-d", old.data, "-D", self.data,
                  "-U", "postgres", "-p", old.port, "-P", self.port, "-s", self.folder,
                  "-o", "-c wal_level=logical")

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
            [psql_program(self.bin), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
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
    """A streaming standby of another server, which is stopped for a moment and started again, with
    `on_primary` as further settings.

    The standby has none of the primary's slots: it begins as pg_basebackup would make it. With
    `keeps_slots` (17 and later) it takes those that were made with FAILOVER from `database`.
    """

    PHYSICAL_SLOT = "standby"

    def __init__(self, primary, keeps_slots=False, database="postgres", on_primary=None):
        self.primary, self.on_primary = primary, on_primary or {}
        primary.psql(f"SELECT pg_create_physical_replication_slot('{self.PHYSICAL_SLOT}', true)")
        settings = {"primary_conninfo": primary.dsn(database),
                    "primary_slot_name": self.PHYSICAL_SLOT}
        if keeps_slots:
            settings.update(sync_replication_slots="on", hot_standby_feedback="on")
        super().__init__(**settings)

    def _make_data(self):
        """Not by pg_basebackup, which the packages of other versions leave out."""
        self.primary.shut()
        subprocess.run([*self.as_user, "cp", "-a", str(self.primary.data), str(self.data)],
                       check=True)
        self.primary.start(**self.on_primary)
        for slot in (self.data / "pg_replslot").iterdir():
            shutil.rmtree(slot)
        subprocess.run([*self.as_user, "touch", str(self.data / "standby.signal")], check=True)
