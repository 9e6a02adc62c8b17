"""Stays on the slot never overlap in a log that only grows, whatever becomes of connectors and sinks."""
import json
import signal

import pytest

from harness.flow import Source
from harness.postgres import Postgres
from harness.programs import fetch, wait_until
from harness.stays import beats, deliver, holds, is_free, overlaps, stays
from stand_ins.fault_proxy import FaultProxy
from stand_ins.fault_sink import HANG, REFUSE, SLOW, FaultSink

pytestmark = pytest.mark.statement("stays")


@pytest.mark.core("stays")
def test_each_session_is_a_stay_and_the_next_begins_beyond_it(source, sink):
    connector = source.connector(sink.url(), env=sink.environment())
    for end in ("kill", "stop", "terminate", "terminate"):
        holds(source, connector)
        deliver(source, sink, connector)
        if end == "terminate":
            source.server.psql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
                               f"WHERE slot_name = '{source.slot}'")
            wait_until(lambda: "trying again" in connector.text(), 20, connector.text)
        else:
            connector.kill() if end == "kill" else connector.stop()
            is_free(source)
            connector.start()
    deliver(source, sink, connector)
    (found,) = stays(beats(sink)).values()
    assert len(found) == 5 and overlaps(beats(sink)) == []
    found.sort(key=lambda stay: stay.held_from)
    for stay, following in zip(found, found[1:]):
        assert stay.held_from < stay.published < following.held_from
    first = beats(sink)[0]
    assert first["system_identifier"] == source.server.psql(
        "SELECT system_identifier FROM pg_control_system()")
    assert first["publication"] == "walpulse" and first["follows"] == []


@pytest.mark.core("stays")
def test_a_drain_ends_with_a_heartbeat_that_says_how_far_it_went(source, sink):
    connector = source.connector(sink.url(), env=sink.environment())
    holds(source, connector)
    sink.behave(SLOW)
    source.insert_runs(2_000)
    wait_until(lambda: sink.taken_count > 0, 20, connector.text, pause=0.005)
    assert connector.stop() == 0, connector.text()
    last = beats(sink)[-1]
    newest = max(int(one.rsplit("/", 2)[1]) for one in sink.ids())
    assert last["state"] == "stopping" and last["published"] == newest, last


@pytest.mark.parametrize("how", ["killed", "cut off", "stopped and continued"])
def test_a_holder_that_delivers_after_another_took_over_proves_nothing(source, sink, how):
    with FaultProxy(source.server.port) as proxy, FaultSink() as others:
        direct = source.dsn
        source.dsn = proxy.dsn(source.dsn)
        first = source.connector(sink.url(), env=sink.environment())
        holds(source, first)
        deliver(source, sink, first)
        sink.behave(HANG)
        source.insert_runs(500)
        wait_until(lambda: json.loads(fetch(f"{first.url}/health")[1])["event_count"] >= 505, 20,
                   first.text)
        if how == "stopped and continued":
            first.signal(signal.SIGSTOP)
            source.server.psql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
                               f"WHERE slot_name = '{source.slot}'")
        elif how == "cut off":
            proxy.drop()
        else:
            first.kill()
        is_free(source)
        source.dsn = direct
        second = source.connector(others.url(), env=others.environment())
        holds(source, second)
        others.wait_for(500, what=second.text)
        deliver(source, others, second)
        sink.behave("accept")
        if how == "stopped and continued":
            first.signal(signal.SIGCONT)
        if how == "killed":
            first.start()
        if how != "killed":
            sink.wait_for(505, what=first.text)
        proxy.restore()
        wait_until(lambda: "standby" in fetch(f"{first.url}/readiness")[1], 40, first.text)
        second.stop()
        holds(source, first)
        deliver(source, sink, first)
        assert overlaps(beats(sink, others)) == []
        (found,) = stays(beats(sink, others)).values()
        assert len(found) == 3, found
        assert first.running()


@pytest.mark.parametrize("behaviour", [REFUSE, 503])
def test_a_parked_sink_proves_nothing(source, sink, behaviour):
    connector = source.connector(sink.url(), "--park-after", "1s", env=sink.environment())
    for _ in range(2):
        holds(source, connector)
        deliver(source, sink, connector)
        sink.behave(behaviour)
        source.insert_runs(200)
        wait_until(lambda: fetch(f"{connector.url}/readiness")[1].startswith("parked"), 30,
                   connector.text)
        sink.behave("accept")
        source.wait_confirmed()
    deliver(source, sink, connector)
    assert overlaps(beats(sink)) == [] and len(*stays(beats(sink)).values()) == 3


@pytest.mark.statement("S29")
@pytest.mark.core("stays")
@pytest.mark.parametrize("between", [0, 1, 3])
def test_a_disk_that_is_put_back_makes_two_stays_overlap(programs, sink, between):
    """Also with more stays on either side."""
    with Postgres() as server:
        server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        source = Source(server, "mage", programs)
        source.create()
        source.setup()
        connector = source.connector(sink.url(), env=sink.environment())
        deliver(source, sink, connector)
        assert connector.stop() == 0
        server.shut()
        server.copy(server.data, server.folder / "copy")
        server.start()
        for _ in range(between + 1):
            connector.start()
            holds(source, connector)
            deliver(source, sink, connector, 20)
            assert connector.stop() == 0
        assert overlaps(beats(sink)) == []
        server.shut()
        server.copy(server.folder / "copy", server.data)
        server.start()
        before = len(sink.heartbeats)
        connector.start()
        holds(source, connector)
        with source.connect() as connection:
            for _ in range(30 * (between + 1)):
                connection.execute("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla) "
                                   "VALUES ('other_life', 'INITIAL', false)")
        wait_until(lambda: overlaps(beats(sink)), 20,
                   lambda: f"an overlap: {stays(beats(sink))}\n{connector.text()}")
        assert len(sink.heartbeats) > before
        assert connector.stop() == 0
        programs.kill_all()
