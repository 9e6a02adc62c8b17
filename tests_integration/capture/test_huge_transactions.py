"""One huge transaction passes through, and the connector's memory does not grow with it.

A million rows; WALPULSE_HUGE_ROWS=10000000 makes it ten (5 GB of WAL, some ten minutes).
"""
import os

import pytest

from harness.programs import wait_until
from stand_ins.fault_sink import SLOW, FaultSink

pytestmark = pytest.mark.statement("S9")

ROWS = int(os.environ.get("WALPULSE_HUGE_ROWS", 1_000_000))
MEMORY_BYTES_MAX = 64 << 20


def write(source, rows):
    source.execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")  # the audit takes longer
    source.insert_runs(rows)


def test_a_transaction_of_a_million_rows_passes_within_64_mib(source, record_property):
    with FaultSink(keep_ids=False) as sink:
        connector = source.connector(sink.url(), env=sink.environment())
        write(source, ROWS)
        wait_until(lambda: sink.taken_count >= ROWS, 120 + ROWS / 5_000,
                   lambda: f"{sink.taken_count} events\n{connector.text()}", pause=0.2)
        source.wait_confirmed()
        assert (sink.taken_count, sink.repeated_count) == (ROWS, 0) and sink.violations == []
        record_property("peak_bytes", connector.peak_bytes())
        assert connector.peak_bytes() < MEMORY_BYTES_MAX


def test_a_sink_slower_than_the_server_bounds_the_memory_too(source):
    """And the walsender, which cannot send, is neither lost nor taken for dead."""
    rows = ROWS // 40
    source.server.psql(f"ALTER ROLE walpulse IN DATABASE {source.name} SET wal_sender_timeout = '1s'")
    with FaultSink() as sink:
        connector = source.connector(sink.url(), "--lanes", 2, env=sink.environment())
        sink.behave(SLOW)
        write(source, rows)
        wait_until(lambda: sink.taken_count > rows / 10, 120, connector.text)
        walsender = source.slot_row("active_pid")
        sink.wait_for(rows, 120, connector.text)
        source.wait_confirmed()
        assert source.slot_row("active_pid") == walsender, connector.text()
        sink.check(rows)
        assert connector.peak_bytes() < MEMORY_BYTES_MAX
