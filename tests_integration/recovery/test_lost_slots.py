"""What the slot held is gone, or the server is one that never had it. The connector
says so, names the way on and ends with exit code 3; it never begins anew by itself."""
import pytest

from harness.flow import Source
from harness.postgres import Postgres, Standby
from harness.programs import fetch, wait_until
from stand_ins.fault_proxy import FaultProxy
from stand_ins.fault_sink import HANG

SETTINGS = {"max_slot_wal_keep_size": "16MB", "max_wal_size": "32MB", "wal_keep_size": "0"}
GAP = 3


@pytest.fixture(scope="module")
def server():
    """Removes WAL that a slot still wants, beyond 16 MB."""
    with Postgres(**SETTINGS) as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


def drop(source):
    source.server.psql(f"""DO $$ BEGIN
        FOR i IN 1..200 LOOP
          BEGIN
            PERFORM pg_terminate_backend(active_pid) FROM pg_replication_slots
              WHERE slot_name = '{source.slot}' AND active;
            PERFORM pg_drop_replication_slot('{source.slot}');
            RETURN;
          EXCEPTION WHEN object_in_use THEN PERFORM pg_sleep(0.01);
          END;
        END LOOP;
        RAISE EXCEPTION 'the slot is never let go';
      END $$""")


def invalidate(source):
    """Until the slot, which may not move, is lost."""
    for _ in range(20):
        source.server.psql("SELECT pg_logical_emit_message(false, 'noise', repeat('x', 8000000)), "
                           "pg_switch_wal()")
        source.server.psql("CHECKPOINT")
        if source.slot_row("wal_status") == "lost":
            return
    raise AssertionError(source.slot_row("wal_status, restart_lsn"))


def ended_with_a_gap(connector, words):
    assert connector.wait(40) == GAP, connector.text()
    log = connector.text()
    assert '"severity":"ERROR"' in log and "recover" in log and words in log, log


@pytest.mark.statement("S16")
@pytest.mark.core("lost slot")
@pytest.mark.parametrize("lose, words", [(drop, "does not exist"), (invalidate, "invalidated")])
def test_a_slot_lost_while_nobody_looked_is_a_gap_at_every_start(source, sink, lose, words):
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    assert connector.stop() == 0
    source.insert_run()
    lose(source)
    before = source.slot_row("confirmed_flush_lsn")
    for _ in range(2):
        connector.start()
        ended_with_a_gap(connector, words)
    assert len(sink.ids()) == 1 and source.slot_row("confirmed_flush_lsn") == before


@pytest.mark.statement("S16")
@pytest.mark.core("lost slot")
@pytest.mark.parametrize("lose, words", [(drop, "gone"), (invalidate, "invalidated")])
def test_a_slot_lost_in_the_middle_of_the_stream_is_a_gap(source, sink, lose, words):
    connector = source.connector(sink.url(), "--drain-deadline", "1s", env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    sink.behave(HANG)  # what is in flight holds the slot where it is
    source.insert_run()
    wait_until(lambda: fetch(f"{connector.url}/health")[1].count('"event_count":2'), 20,
               connector.text)
    before = source.slot_row("confirmed_flush_lsn")
    lose(source)
    ended_with_a_gap(connector, "gap")
    assert any(word in connector.text() for word in (words, "does not exist"))
    assert source.slot_row("confirmed_flush_lsn") in ("", before)
    sink.behave("accept")
    connector.start()
    ended_with_a_gap(connector, "gap")


@pytest.mark.statement("S18")
@pytest.mark.core("failover")
def test_a_new_primary_without_the_slot_is_a_gap_and_a_standby_is_waited_for(programs, sink):
    with Postgres() as primary:
        primary.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        source = Source(primary, "mage", programs)
        source.create()
        source.setup()
        with Standby(primary) as standby, FaultProxy(primary.port) as proxy:
            source.dsn = proxy.dsn(source.dsn)
            connector = source.connector(sink.url(), env=sink.environment())
            source.insert_run()
            sink.wait_for(1, what=connector.text)
            source.wait_confirmed()
            primary.shut()
            proxy.target = (proxy.target[0], standby.port)
            wait_until(lambda: "standby that is not promoted" in fetch(
                f"{connector.url}/readiness")[1], 30, connector.text)
            assert fetch(f"{connector.url}/readiness")[0] == 503 and connector.running()
            standby.promote()
            ended_with_a_gap(connector, "does not exist")
            assert standby.psql("SELECT count(*) FROM pg_replication_slots") == "0"
