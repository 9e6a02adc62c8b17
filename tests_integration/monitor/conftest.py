"""Ledgers in PostgreSQL, for the tests of monitors that share one."""
import itertools

import pytest

from harness.postgres import Postgres

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def ledger_server():
    """Apart from Mage's: some tests stop it."""
    with Postgres(wal_level="replica") as started:
        started.psql("CREATE ROLE ledger LOGIN")
        yield started


@pytest.fixture
def shared(ledger_server, programs):
    """A database that is the ledger role's own: (its name, the connection string)."""
    name = f"ledger_{next(numbers)}"
    ledger_server.psql(f"CREATE DATABASE {name} OWNER ledger")
    yield name, ledger_server.dsn(name, "ledger")
    programs.kill_all()
    ledger_server.psql(f"DROP DATABASE {name} WITH (FORCE)")
