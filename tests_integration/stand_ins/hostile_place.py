"""A database whose settings mislead whoever connects, and whose schemas hold hostile objects."""
import itertools
import subprocess

import psycopg

from harness import postgres
from harness.programs import clean_environment
from stand_ins import hostile_objects

names = itertools.count(1)

VALUES = {
    "search_path": '"$user", public, pg_catalog',
    "TimeZone": "Asia/Kathmandu",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "extra_float_digits": "-15",
    "bytea_output": "escape",
    "quote_all_identifiers": "on",
    "client_min_messages": "error",
    "client_encoding": "LATIN1",
    "standard_conforming_strings": "off",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "exit_on_error": "on",
    "statement_timeout": "400ms",
    "lock_timeout": "100ms",
    "idle_in_transaction_session_timeout": "400ms",
}
SINCE = {"idle_session_timeout": (14, "400ms"), "transaction_timeout": (17, "400ms")}
SAFE = {"search_path": "pg_catalog", "standard_conforming_strings": "on", "bytea_output": "hex",
        "default_transaction_isolation": "read\\ committed"}


def values():
    newer = {name: value for name, (since, value) in SINCE.items() if postgres.major() >= since}
    return {**newer, **VALUES}


def safe_options():
    """For the test's own statements."""
    timeouts = {name: 0 for name in values() if name.endswith("timeout")}
    return " ".join(f"-c {name}={value}" for name, value in {**SAFE, **timeouts}.items())


def as_options():
    escaped = {name: value.replace("\\", "\\\\").replace(" ", "\\ ")
               for name, value in values().items()}
    return " ".join(f"-c {name}={value}" for name, value in escaped.items())


def in_quotes(text):
    """As a value of a connection string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class HostilePlace:
    """A database in which mallory made what she could, and where hostile values are set."""

    def __init__(self, server, place):
        self.server, self.place = server, place
        self.name = f"hostile_{next(names)}"
        self.env = {"PGOPTIONS": as_options()} if place == "PGOPTIONS" else {}
        server.psql(f"CREATE DATABASE {self.name} OWNER mage")
        self.trapped_before = self.traps()

    def plant(self, own_schemas):
        """In `public`, and in the schemas that bear the roles' names."""
        for schema in own_schemas:
            self.server.psql(f"CREATE SCHEMA {schema} AUTHORIZATION mallory", self.name)
        self.server.psql("GRANT CREATE ON SCHEMA public TO mallory", self.name)
        for schema in ("public", *own_schemas):
            hostile_objects.plant(self.server, self.name, schema, "mallory")
        everybody = ", ".join(("public", *own_schemas))
        self.server.psql("SET search_path = pg_catalog; GRANT USAGE ON SCHEMA "
                         f"{everybody} TO PUBLIC", self.name)
        self.settle()

    def settle(self):
        """Sets the values for whoever connects from now on."""
        whose = {"role": [f"ROLE {role}" for role in ("mage", "walpulse", "ledger", "postgres")],
                 "database": [f"DATABASE {self.name}"]}.get(self.place, [])
        for one in whose:
            self.server.psql("".join(
                f"ALTER {one} SET {name} = {value if name == 'search_path' else repr(value)};"
                for name, value in values().items()))

    def clear(self):
        """Roles are the whole server's."""
        if self.place == "role":
            for role in ("mage", "walpulse", "ledger", "postgres"):
                self.quiet(f"ALTER ROLE {role} RESET ALL")

    def quiet(self, sql):
        """One statement as the superuser, in a session that nothing reaches."""
        with psycopg.connect(self.server.dsn(self.name), autocommit=True,
                             options=safe_options()) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def dsn(self, user):
        plain = self.server.dsn(self.name, user)
        return f"{plain} options={in_quotes(as_options())}" if self.place == "dsn" else plain

    def psql(self, script):
        """As a DBA runs what was printed."""
        return subprocess.run(
            [postgres.psql_program(self.server.bin), "-X", "-d", self.dsn("postgres"), "-f", "-"],
            input=script, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=clean_environment(self.env))

    def traps(self):
        log = (self.server.folder / "log").read_text()
        return [line for line in log.splitlines() if hostile_objects.CAUGHT in line]

    def assert_nothing_was_called(self):
        called = self.traps()[len(self.trapped_before):]
        assert not called, "\n".join(called[:20])
