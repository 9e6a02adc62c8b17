"""A new server by dump and restore, or by pg_upgrade: another system, no slots, and the publication
with its comment, which both take along. That is a gap, and `recover` the way on."""
import subprocess

import pytest

from harness.flow import Monitor, Source
from harness.postgres import Postgres
from harness.programs import wait_until
from harness.recoveries import GAP, deliver, identity, recovered

pytestmark = [pytest.mark.since(15), pytest.mark.statement("new-server")]

# Has pg_dump and pg_upgrade, which the packages of other versions leave out.
DEBIAN = "/usr/lib/postgresql/15/bin"


def server(**options):
    started = Postgres(**options)
    started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
    return started


def set_up(old, programs, ledger):
    """A source that was captured for a while, its monitor and its identity."""
    source = Source(old, "mage", programs)
    source.create()
    source.setup()
    monitor = Monitor(programs, ledger, "--export", "prometheus")
    deliver(source, monitor, 1)
    return source, monitor, identity(source)


def keep_commit_times(old):
    """The truth asks the server when a transaction was committed. The new one does not know: neither
    a dump nor pg_upgrade takes pg_commit_ts along."""
    old.psql("UPDATE walpulse_truth.audit SET at = walpulse_truth.committed_at(xid, at), xid = '2'",
             "mage")


def is_a_gap_until_recover(new, programs, monitor, before):
    source = Source(new, "mage", programs)
    assert identity(source) == before
    connector = source.connector(f"{monitor.url}/push")
    assert connector.wait(40) == GAP and "recover" in connector.text(), connector.text()

    assert "recovered" in recovered(source, monitor)
    after = identity(source)
    assert after["epoch"] > before["epoch"] and after["name"] == before["name"]
    assert after["system_identifier"] != before["system_identifier"]
    source.epoch = after["epoch"]
    connector.start()
    source.simulate("--runs", 40, "--rate", 0, "--seed", 2)
    monitor.wait_equal(source)  # nothing is missing, or there twice
    wait_until(lambda: source.slot_row("active") == "t", 20, connector.text)
    programs.kill_all()


@pytest.mark.core("recover")
def test_after_an_upgrade_by_dump_and_restore_recover_begins_anew(programs, ledger):
    with server(programs=DEBIAN) as old, server() as new:
        _, monitor, before = set_up(old, programs, ledger)
        keep_commit_times(old)
        dump = subprocess.run([f"{DEBIAN}/pg_dump", "-d", old.dsn("mage")], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        new.psql("CREATE DATABASE mage OWNER mage")
        new.psql(dump, "mage")
        is_a_gap_until_recover(new, programs, monitor, before)


def test_after_pg_upgrade_recover_begins_anew(programs, ledger):
    """To its own version, the only one whose pg_upgrade is here: what it takes along is the same."""
    with server(programs=DEBIAN) as old, Postgres(programs=DEBIAN) as new:
        _, monitor, before = set_up(old, programs, ledger)
        keep_commit_times(old)
        old.shut()
        new.shut()
        new.upgrade_from(old)
        new.start()
        is_a_gap_until_recover(new, programs, monitor, before)
