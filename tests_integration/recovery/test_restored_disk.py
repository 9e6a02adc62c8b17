"""The server's disk is put back to an older state, slot and all: the same system, the same
slot, positions and ids that were used before. The catalogs cannot tell; the ledger can."""
import os
import pathlib

import pytest

from harness import janitor
from harness.flow import Monitor, Source
from harness.postgres import Postgres
from harness.programs import run, wait_until
from stand_ins.fake_clock import Clock

CREATED = "walpulse_pipeline_run_created_count_total"
PROCESSED = "walpulse_event_processed_count_total"


@pytest.fixture
def clock():
    """In a folder that the server's user may read."""
    with janitor.folder("clock-") as folder:
        os.chmod(folder, 0o755)
        with Clock(pathlib.Path(folder)) as made:
            yield made


def insert(source, count, pipeline):
    """One run in one transaction, again and again: the log of the other life looks alike."""
    with source.connect() as connection:
        for _ in range(count):
            connection.execute("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla) "
                               "VALUES (%s, 'INITIAL', false)", [pipeline])


@pytest.mark.statement("S29")
def test_a_restored_disk_is_refused_until_recover_and_then_every_new_run_counts(
        programs, ledger, clock):
    with Postgres(environment=clock.environment()) as server:
        server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        source = Source(server, "mage", programs)
        source.create()
        source.setup()
        monitor = Monitor(programs, ledger, "--export", "prometheus", env=clock.environment())
        connector = source.connector(f"{monitor.url}/push", env=clock.environment())
        insert(source, 20, "before")
        monitor.wait_total(20, CREATED)
        source.wait_confirmed()
        assert connector.stop() == 0, connector.text()

        server.shut()
        server.copy(server.data, server.folder / "copy")
        server.start()
        connector.start()
        insert(source, 50, "lost_life")
        monitor.wait_total(70, CREATED)
        source.wait_confirmed()
        assert connector.stop() == 0, connector.text()

        server.shut()
        server.copy(server.folder / "copy", server.data)
        clock.jump("+3600")
        server.start()
        assert source.execute("SELECT count(*) FROM pipeline_run")[0][0] == 20
        assert source.slot_row("wal_status") == "reserved"

        connector.start()
        insert(source, 30, "other_life")
        source.wait_confirmed()
        wait_until(lambda: monitor.total(PROCESSED, outcome="conflict") > 0, 30,
                   lambda: monitor.program.text())
        assert "walpulse-connector recover" in monitor.program.text(), monitor.program.text()
        monitor.settled()
        assert monitor.total(CREATED) == 70, "nothing of the other life is merged"
        assert monitor.total(CREATED, pipeline="other_life") == 0
        assert connector.running() and connector.stop() == 0

        done = run("walpulse-connector", "recover", *source.flags(), "--admin-dsn",
                   source.owner_dsn, "--to", f"{monitor.url}/push", "--yes",
                   env=clock.environment())
        assert done.returncode == 0, done.stdout + done.stderr
        assert "restored from a backup" in done.stdout, done.stdout
        connector.start()
        insert(source, 40, "after")
        monitor.wait_total(110, CREATED)
        assert monitor.total(CREATED, pipeline="after") == 40
        monitor.wait_total(90, "walpulse_pipeline_run_active", status="INITIAL")
        assert connector.running()
