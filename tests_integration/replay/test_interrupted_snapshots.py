"""A snapshot that dies half-way while writes go on, and one whose slot waits.

WALPULSE_SNAPSHOT_ROWS and WALPULSE_SNAPSHOT_KILLS make the large one larger: a million and five.
"""
import os
import random
import time

import pytest

from harness.flow import Monitor
from harness.programs import wait_until
from harness.snapshots import complete, disagreements, populate, snapshot, start, to_continue_from

ROWS = int(os.environ.get("WALPULSE_SNAPSHOT_ROWS", "50000"))
KILLS = int(os.environ.get("WALPULSE_SNAPSHOT_KILLS", "5"))
MEMORY_MAX = 64 << 20


def rows_read(monitor):
    return monitor.total("walpulse_event_processed_count_total", op="r")


@pytest.fixture
def running(bare_source, programs, ledger):
    """Runs older than the slot, capture and writes beside: (source, monitor, simulation)."""
    source = bare_source
    populate(source, 4_000)
    source.setup()
    monitor = Monitor(programs, ledger)
    source.connector(f"{monitor.url}/push")
    simulation = source.start_simulation("--duration", "600s", "--rate", 200, "--seed", 25)
    yield source, monitor, simulation


def settle(source, simulation, monitor):
    assert simulation.stop() == 0, simulation.text()
    source.wait_confirmed()
    monitor.settled()
    assert disagreements(source, monitor)[:20] == []


@pytest.mark.statement("S25")
def test_killed_half_way_and_run_again_no_run_is_missing_or_stale(running):
    source, monitor, simulation = running
    first = start(source, f"{monitor.url}/push", "--rate", 1_000)
    wait_until(lambda: rows_read(monitor) > 2_000, 120, first.text)
    first.kill()
    source.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE id % 100 = 3")
    source.execute("DELETE FROM pipeline_run WHERE id % 100 = 7")
    complete(source, f"{monitor.url}/push", "--rate", 0)
    settle(source, simulation, monitor)


@pytest.mark.statement("S25")
@pytest.mark.core("snapshot")
def test_stopped_half_way_and_continued_no_run_is_missing_or_stale(running):
    source, monitor, simulation = running
    first = start(source, f"{monitor.url}/push", "--rate", 1_000)
    wait_until(lambda: rows_read(monitor) > 2_000, 120, first.text)
    assert first.stop() == 1
    begun = rows_read(monitor)
    source.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE id % 100 = 3")
    complete(source, f"{monitor.url}/push", "--rate", 0, "--from-id", to_continue_from(first.text()))
    assert monitor.settled() and rows_read(monitor) - begun < 3_500, "it began anew"
    settle(source, simulation, monitor)


@pytest.mark.statement("S25")
def test_killed_at_random_it_completes_in_bounded_memory(bare_source, programs, ledger):
    source = bare_source
    populate(source, ROWS)
    source.setup()
    monitor = Monitor(programs, ledger)
    source.connector(f"{monitor.url}/push")
    simulation = source.start_simulation("--duration", "3600s", "--rate", 100, "--seed", 6)
    rng = random.Random(6)
    more, peak = [], 0
    for _ in range(KILLS):
        before = rows_read(monitor)
        wanted = rng.randrange(ROWS // 20, ROWS // 5)
        snap = start(source, f"{monitor.url}/push", "--rate", 0, *more)
        wait_until(lambda: rows_read(monitor) - before >= wanted or not snap.running(), 600, snap.text)
        if snap.running():
            peak = max(peak, snap.peak_bytes())
        snap.kill()
        # What it logged last, if it lived long enough for that; else from the start.
        if "delivered through id" in snap.text():
            more = ["--from-id", snap.text().rsplit("delivered through id ", 1)[1].split()[0].strip('",}')]
    snap = start(source, f"{monitor.url}/push", "--rate", 0)
    while snap.running():
        try:
            peak = max(peak, snap.peak_bytes())
        except (OSError, ValueError):
            break
        time.sleep(0.2)
    assert snap.wait(600) == 0, snap.text()
    assert 0 < peak < MEMORY_MAX, peak
    settle(source, simulation, monitor)
    print(f"{ROWS} rows, {KILLS} kills, peak {peak >> 20} MiB")


@pytest.mark.statement("S26")
@pytest.mark.core("snapshot")
def test_a_slot_that_waits_says_for_whom_and_times_out_leaving_nothing(source):
    populate(source, 5)
    with source.connect(application_name="mage-migration") as connection, connection.transaction():
        connection.execute("INSERT INTO pipeline_schedule (name) VALUES ('open')")  # takes an xid
        begun = time.monotonic()
        done = snapshot(source, "stdout", "--slot-timeout", "6s")
        assert done.returncode == 1 and done.stdout == "", done.stderr
        assert 5 < time.monotonic() - begun < 40
        pid = connection.info.backend_pid
        assert f"for pid {pid}" in done.stderr, "said while it waited"
        assert f"waits for pid {pid}" in done.stderr and "application=mage-migration" in done.stderr
        assert "pg_terminate_backend" in done.stderr and "--slot-timeout" in done.stderr
        assert source.server.psql("SELECT count(*) FROM pg_replication_slots WHERE temporary") == "0"
        assert source.server.psql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = "
                                  f"'walsender' AND datname = '{source.name}'") == "0"
    assert len(complete(source, "stdout").stdout.splitlines()) == 5


@pytest.mark.statement("S26")
def test_a_slot_that_waits_reads_on_once_the_transaction_has_ended(source):
    populate(source, 5)
    with source.connect() as connection, connection.transaction():
        connection.execute("UPDATE pipeline_run SET status = 'RUNNING' WHERE id = 1")
        waiting = start(source, "stdout")
        wait_until(lambda: "slot creation blocked" in waiting.text(), 20, waiting.text)
    assert waiting.wait(20) == 0, waiting.text()
    rows = [line for line in waiting.text().splitlines() if line.startswith('{"op":"r"')]
    assert len(rows) == 5 and '"status":"RUNNING"' in rows[0], "it sees what it waited for"


@pytest.mark.statement("S26")
def test_stopped_while_the_slot_waits_it_leaves_nothing(source):
    with source.connect() as connection, connection.transaction():
        connection.execute("INSERT INTO pipeline_schedule (name) VALUES ('open')")
        waiting = start(source, "stdout")
        wait_until(lambda: "slot creation blocked" in waiting.text(), 20, waiting.text)
        assert waiting.stop() == 1
        wait_until(lambda: source.server.psql(
            "SELECT count(*) FROM pg_replication_slots WHERE temporary") == "0", 10, "no slot")
