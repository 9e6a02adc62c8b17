"""A sink that stays down, or refuses everything, parks the stream. The server is let
go of, the slot holds everything, readiness says why, and it resumes by itself, in order."""
import base64
import json

import pytest

from harness.confirmations import Confirmations
from harness.programs import fetch, wait_until
from stand_ins.fault_sink import REFUSE, FaultSink

MEMORY_BYTES_MAX = 64 << 20
PARK_AFTER = "--park-after", "1500ms"


def parked(connector):
    status, text = fetch(f"{connector.url}/readiness")
    return status == 503 and text.startswith("parked")


def wait_parked(source, connector, seconds=30):
    wait_until(lambda: parked(connector), seconds,
               lambda: f"parked; {fetch(connector.url + '/readiness')}\n{connector.text()}")
    wait_until(lambda: source.slot_row("active") == "f", 10, "the walsender is gone")


@pytest.mark.statement("S12")
@pytest.mark.parametrize("behaviour", [REFUSE, 503, 429])
def test_a_sink_that_is_down_for_long_parks_the_stream_until_it_answers(source, sink,
                                                                        behaviour):
    connector = source.connector(sink.url(), *PARK_AFTER, env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    with Confirmations(source) as confirmations:
        sink.behave(behaviour)
        source.insert_runs(20_000)  # more than may wait in memory
        wait_parked(source, connector)
        held = source.slot_row("confirmed_flush_lsn")
        assert fetch(f"{connector.url}/liveness")[0] == 200
        health = json.loads(fetch(f"{connector.url}/health")[1])
        assert health["state"] == "parked" and health["reason"], health
        assert 'walpulse_connector_state{' in fetch(f"{connector.url}/metrics")[1]
        before = sink.requests
        source.insert_runs(20_000)
        if behaviour != REFUSE:
            sink.wait_for_requests(before + 3, 60)  # it is asked again and again, with one request
        assert parked(connector) and connector.running()
        assert source.slot_row("confirmed_flush_lsn, active") == f"{held}|f"
        sink.behave("accept")
        sink.wait_for(source.change_count(), 120, connector.text)
        source.wait_confirmed()
    sink.check(source.change_count())
    confirmations.check(sink)
    assert connector.running() and connector.peak_bytes() < MEMORY_BYTES_MAX
    states = list(map(state, sink.heartbeats))
    assert "parked" in states and states[-1] in ("streaming", "catching_up"), states
    assert connector.stop() == 0, connector.text()


def state(message):
    return json.loads(base64.b64decode(message["data"]))["state"]


@pytest.mark.statement("S13")
@pytest.mark.parametrize("status", [403, 404])
def test_a_sink_that_refuses_everything_parks_loudly_and_resumes_in_order(source, sink,
                                                                          status):
    connector = source.connector(sink.url(), *PARK_AFTER, env=sink.environment())
    run_id = source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    sink.behave(status)
    for status_now in ("RUNNING", "FAILED", "RUNNING", "COMPLETED"):
        source.execute("UPDATE pipeline_run SET status = %s WHERE id = %s", [status_now, run_id])
    wait_parked(source, connector)
    assert str(status) in fetch(f"{connector.url}/readiness")[1]
    log = connector.text()
    assert '"severity":"ERROR"' in log and "parked" in log and str(status) in log, log
    source.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE id = %s", [run_id])
    sink.behave("accept")
    sink.wait_for(source.change_count(), 60, connector.text)
    source.wait_confirmed()
    sink.check(source.change_count())
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, connector.text)


@pytest.mark.statement("S12")
def test_a_parked_connector_stops_at_once_and_the_next_one_goes_on(source, sink):
    connector = source.connector(sink.url(), *PARK_AFTER, env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    sink.behave(503)
    source.insert_runs(100)
    wait_parked(source, connector)
    assert connector.stop() == 0, connector.text()
    sink.behave("accept")
    connector.start()
    sink.wait_for(source.change_count(), 60, connector.text)
    source.wait_confirmed()
    sink.check(source.change_count())


@pytest.mark.statement("S12")
def test_a_sink_that_only_one_connector_cannot_reach_is_served_by_its_standby(source, sink):
    with FaultSink() as unreachable:
        first = source.connector(unreachable.url(), *PARK_AFTER, env=unreachable.environment())
        source.insert_run()
        unreachable.wait_for(1, what=first.text)
        source.wait_confirmed()
        second = source.connector(sink.url(), *PARK_AFTER, env=sink.environment())
        wait_until(lambda: "standby" in fetch(f"{second.url}/readiness")[1], 20, second.text)
        unreachable.behave(REFUSE)
        source.insert_runs(100)
        sink.wait_for(100, 60, second.text)
        source.wait_confirmed()
        unreachable.behave("accept")
        wait_until(lambda: "standby" in fetch(f"{first.url}/readiness")[1], 60, first.text)
        assert fetch(f"{second.url}/readiness")[0] == 200
