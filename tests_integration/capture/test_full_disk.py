"""A disk that is full, on the source's server: what was committed arrives once there is room again,
and nothing is confirmed that did not arrive."""
import psycopg
import pytest

from harness.confirmations import Confirmations
from harness.postgres import Postgres
from harness.programs import wait_until
from stand_ins.full_disk import FullDisk

pytestmark = pytest.mark.statement("full-disk")


@pytest.fixture(scope="module")
def full_disk():
    with FullDisk() as made:
        yield made


@pytest.fixture
def disk(full_disk, source):
    yield full_disk
    full_disk.free()  # before the source is dropped


@pytest.fixture(scope="module")
def server(full_disk):
    # A decoder that writes to its disk early.
    with Postgres(environment=full_disk.environment(), logical_decoding_work_mem="64kB") as started:
        started.psql("CREATE ROLE mage LOGIN; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


def test_a_decoder_without_room_to_spill_goes_on_when_it_has_some(source, disk, sink, server):
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    with Confirmations(source) as confirmations:
        disk.fill("pg_replslot")
        source.insert_runs(5_000)
        wait_until(lambda: "No space left on device" in connector.text(200), 30, connector.text)
        assert connector.running()
        disk.free()
        sink.wait_for(source.change_count(), 60, connector.text)
        source.wait_confirmed()
    sink.check(source.change_count())
    confirmations.check(sink)


def test_a_server_without_room_for_its_log_loses_nothing_that_it_committed(source, disk, sink,
                                                                           server):
    connector = source.connector(sink.url(), env=sink.environment())
    with Confirmations(source) as confirmations:
        with sink.behaving("hang"):
            source.insert_runs(500)
            disk.fill(server.data)
            with pytest.raises(psycopg.Error):
                while True:  # WAL has room in its segment's pages, but a commit must be written
                    source.insert_runs(500)
            wait_until(lambda: "PANIC" in server.log(1_000), 30, server.log)
            server.await_end()
        disk.free()
        server.start()
        total = source.change_count()
        assert total >= 500
        sink.wait_for(total, 60, connector.text)
        source.wait_confirmed()
    sink.check(total)
    confirmations.check(sink)
    assert connector.running()
