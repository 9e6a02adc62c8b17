"""A new major version by dump and restore: another system, other OIDs, no slots, and the publication
with its comment, which pg_dump takes along. That is a gap, and `recover` the way on."""
import subprocess

import pytest

from flow import Monitor, Source
from postgres import Postgres
from programs import wait_until
from test_recover import GAP, deliver, identity, recovered

pytestmark = [pytest.mark.core("recover"), pytest.mark.since(15)]

DEBIAN = "/usr/lib/postgresql/15/bin"  # has pg_dump, which the packages of other versions leave out


def server(**options):
    started = Postgres(**options)
    started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
    return started


def test_after_an_upgrade_by_dump_and_restore_recover_begins_anew(programs, ledger):
    with server(programs=DEBIAN) as old, server() as new:
        source = Source(old, "mage", programs)
        source.create()
        source.setup()
        monitor = Monitor(programs, ledger, "--export", "prometheus")
        deliver(source, monitor, 1)
        before = identity(source)

        dump = subprocess.run([f"{DEBIAN}/pg_dump", "-d", old.dsn("mage")], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        new.psql("CREATE DATABASE mage OWNER mage")
        new.psql(dump, "mage")
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
