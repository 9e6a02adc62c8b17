"""Whatever Pub/Sub did for a while: afterwards every event is there, in order on each key, nothing
was confirmed early, and memory stayed bounded."""
import pytest

from harness import flow
from harness.confirmations import Confirmations
from harness.programs import fetch, wait_until
from stand_ins.fault_sink import BEHAVIOURS, HANG, REFUSE, STATUSES, TAKE_AND_HANG, FaultSink

MEMORY_BYTES_MAX = 64 << 20


class Line:
    """One capture for all the faults of this file: what one leaves behind is the next one's."""

    def __init__(self, source, sink, connector, confirmations):
        self.source, self.sink = source, sink
        self.connector, self.confirmations = connector, confirmations

    def wait(self, seconds=60):
        self.sink.wait_for(self.source.change_count(), seconds, self.connector.text)
        self.source.wait_confirmed()

    def check(self):
        self.sink.check(self.source.change_count())
        self.confirmations.check(self.sink)
        assert self.connector.running()
        assert self.connector.peak_bytes() < MEMORY_BYTES_MAX


@pytest.fixture(scope="module")
def line(server):
    programs = flow.Programs()
    source = flow.Source(server, "mage_sink_faults", programs)
    source.create()
    # A keepalive missed for a second ends the stream: an outage is as many of them as ten minutes
    # are at the default.
    server.psql(f"ALTER ROLE walpulse IN DATABASE {source.name} SET wal_sender_timeout = '1s'")
    source.setup()
    with FaultSink() as sink, Confirmations(source) as confirmations:
        connector = source.connector(sink.url(), env=sink.environment())
        source.insert_run()
        line = Line(source, sink, connector, confirmations)
        line.wait()
        yield line
        programs.kill_all()
    source.drop()


@pytest.fixture(autouse=True)
def log_of_the_connector(request, line):
    yield
    line.sink.behave("accept")
    request.node.add_report_section("call", "connector", line.connector.text())


@pytest.mark.statement("S13")
@pytest.mark.parametrize("behaviour", [*BEHAVIOURS, *STATUSES])
def test_whatever_the_sink_did_all_is_there_in_order_and_nothing_confirmed_early(line,
                                                                                 behaviour):
    before = line.sink.requests
    line.sink.behave(behaviour)
    run_id = line.source.insert_run()
    for status in ("RUNNING", "FAILED", "RUNNING", "COMPLETED"):
        line.source.execute("UPDATE pipeline_run SET status = %s WHERE id = %s", [status, run_id])
    line.source.insert_runs(500)
    if behaviour == REFUSE:
        wait_until(lambda: '"trouble":""' not in health(line), 10, "it notices")
    else:
        line.sink.wait_for_requests(before + (4 if behaviour in (HANG, TAKE_AND_HANG) else 12))
    line.sink.behave("accept")
    line.wait()
    line.check()


def health(line):
    return fetch(f"{line.connector.url}/health")[1].replace("sink_trouble", "trouble")


@pytest.mark.statement("S12")
@pytest.mark.parametrize("behaviour", [REFUSE, HANG])
def test_an_outage_of_many_timeouts_keeps_the_stream_and_bounds_the_memory(line, behaviour):
    walsender = line.source.slot_row("active_pid")
    line.sink.down(6, behaviour)
    for _ in range(3):
        line.source.insert_runs(10_000)  # twice what may wait in memory
    assert not line.source.confirmed(line.source.end_of_log())
    line.sink.wait_for(line.source.change_count(), 90, line.connector.text)
    assert line.source.slot_row("active_pid") == walsender, line.connector.text()
    line.wait()
    line.check()
