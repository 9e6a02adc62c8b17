"""A keepalive's position is confirmed if nothing is in flight, and only then."""
import json

import pytest

from harness.confirmations import Confirmations
from harness.flow import Source
from harness.postgres import Postgres
from harness.programs import fetch, wait_until
from stand_ins.fault_sink import HANG

MB = 1 << 20
RETAINED_BYTES_MAX = 64 * MB
WRITTEN_BYTES = 300 * MB
CHUNK_BYTES = 30 * MB
# The slot's oldest position moves when the server logs its running transactions: at a checkpoint,
# and every 15 s.
RETAINED = ("SELECT pg_current_wal_insert_lsn() - restart_lsn FROM pg_replication_slots "
            "WHERE slot_name = '{}'")


def keepalive_beyond(server, connector, lsn):
    """Whether a keepalive told the connector of a position beyond `lsn`."""
    text = fetch(f"{connector.url}/health")[1]
    return server.psql(f"SELECT '{json.loads(text)['server_lsn']}'::pg_lsn > '{lsn}'") == "t"


def write_elsewhere(server, database, size=CHUNK_BYTES):
    """That much WAL in a table that nobody captures."""
    server.psql("CREATE TABLE IF NOT EXISTS noise (bytes text);"
                "ALTER TABLE noise ALTER bytes SET STORAGE EXTERNAL;"
                f"INSERT INTO noise SELECT repeat('x', 8000) FROM generate_series(1, {size // 8500})",
                database)


@pytest.mark.statement("S2")
@pytest.mark.parametrize("row_count", [1, 5_000])
def test_a_keepalive_confirms_nothing_while_an_event_is_in_flight_and_everything_after(
        source, server, sink, row_count):
    connector = source.connector(sink.url(), "--pending-bytes", "1MiB", env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    with Confirmations(source) as confirmations:
        sink.behave(HANG)
        source.insert_runs(row_count)  # more than one lies in the queue, or not even there
        lsn = source.end_of_log()
        for _ in range(3):
            write_elsewhere(server, source.name, MB)
            end = source.end_of_log()
            if row_count == 1:  # a full queue reads no keepalives, but answers
                wait_until(lambda: keepalive_beyond(server, connector, lsn), 20, connector.text)
        assert not source.confirmed(lsn) and sink.acknowledged.keys() == sink.ids()
        sink.behave("accept")
        sink.wait_for(row_count + 1, what=connector.text)
        wait_until(lambda: source.confirmed(end), 20, source.slot_row)
        write_elsewhere(server, source.name, MB)
        source.wait_confirmed(20)
    sink.check(row_count + 1)
    confirmations.check(sink)


@pytest.mark.statement("S3")
def test_a_quiet_table_pins_no_wal_that_others_write(source, server, sink):
    source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1)
    server.psql(f"CREATE DATABASE {source.name}_other")
    try:
        begun = source.end_of_log()
        for number in range(WRITTEN_BYTES // CHUNK_BYTES):
            write_elsewhere(server, source.name + ("_other" if number % 2 else ""))
            server.psql("CHECKPOINT")
            wait_until(lambda: int(server.psql(RETAINED.format(source.slot))) < RETAINED_BYTES_MAX,
                       30, lambda: server.psql(RETAINED.format(source.slot)))
        written = server.psql(f"SELECT '{source.end_of_log()}'::pg_lsn - '{begun}'::pg_lsn")
        assert int(written) > WRITTEN_BYTES
        source.wait_confirmed()
    finally:
        server.psql(f"DROP DATABASE {source.name}_other WITH (FORCE)")
    assert len(sink.ids()) == 1, "not one event was needed for it"


@pytest.fixture
def untouched_source(programs):
    """On a server of its own, on which nobody does anything."""
    with Postgres() as server:
        server.psql("CREATE ROLE mage LOGIN; CREATE ROLE walpulse LOGIN REPLICATION;")
        source = Source(server, "mage", programs)
        source.create()
        source.setup()
        yield source
        programs.kill_all()


@pytest.mark.statement("S4")
def test_without_any_transaction_wal_is_recycled_and_none_is_made_for_it(untouched_source,
                                                                         sink):
    source, server = untouched_source, untouched_source.server
    next_xid = "SELECT pg_snapshot_xmax(pg_current_snapshot())"
    source.connector(sink.url(), env=sink.environment())
    wait_until(lambda: source.slot_row("active") == "t", 20, "the connector streams")
    before = server.psql(next_xid)
    for _ in range(8):  # 16 MB each
        server.psql("SELECT pg_switch_wal()")
        server.psql("CHECKPOINT")
    source.wait_confirmed(30)
    wait_until(lambda: int(server.psql(RETAINED.format(source.slot))) < RETAINED_BYTES_MAX, 30,
               lambda: server.psql(RETAINED.format(source.slot)))
    assert server.psql(next_xid) == before and sink.ids() == set()
