"""PgBouncer 1.18 before a server: Debian's own program, which `make setup` unpacks without its service."""
import os
import pathlib
import shutil
import socket
import subprocess

from harness import janitor
from harness.postgres import free_port
from harness.programs import wait_until

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / ".venv/pgbouncer/usr/sbin/pgbouncer"
# Each client is let in as whoever it says; the server trusts loopback as well.
SETTINGS = """[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = {mode}
"""


class PgBouncer:
    """pool_mode: session, transaction or statement."""

    def __init__(self, server, mode):
        assert PROGRAM.exists(), f"no {PROGRAM}: make setup unpacks it"
        self.server, self.mode, self.port = server, mode, free_port()

    def __enter__(self):
        self.folder = pathlib.Path(janitor.place()) / f"pgbouncer-{self.port}"
        self.folder.mkdir()
        users, settings = self.folder / "users", self.folder / "pgbouncer.ini"
        users.write_text("".join(f'"{name}" ""\n' for name in ("mage", "walpulse", "postgres")))
        settings.write_text(SETTINGS.format(server=self.server.port, port=self.port, users=users, mode=self.mode))
        # It refuses to run as root, as the server does.
        as_user = ["-u", "postgres"] if os.geteuid() == 0 else []
        if as_user:
            for path in (self.folder, users, settings):
                shutil.chown(path, "postgres")
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen([PROGRAM, *as_user, settings], stdout=self.log, stderr=self.log)
        wait_until(self.answers, 10, (self.folder / "log").read_text)
        return self

    def answers(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def past(self, text):
        """A connection string of the server's, led through here."""
        return text.replace(f"port={self.server.port}", f"port={self.port}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.log.close()
