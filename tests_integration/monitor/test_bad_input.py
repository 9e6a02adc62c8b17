"""The monitor: what bad input gets."""
import http.client
import json

import pytest

from harness import chaos_delivery
from harness.flow import Monitor, stdout_events
from harness.programs import fetch, run

PROCESSED = "walpulse_event_processed_count_total"


@pytest.fixture
def monitor(programs, ledger):
    return Monitor(programs, ledger, "--export", "prometheus")


def message(data, **attributes):
    return {"data": data if isinstance(data, bytes) else json.dumps(data).encode(),
            "attributes": attributes, "messageId": "1"}


def push(monitor, data, **attributes):
    return chaos_delivery.push(f"{monitor.url}/push",
                               chaos_delivery.envelope(message(data, **attributes)))


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"hello", b"{}", b'{"message": 1}', b'{"message": {"data": "?!"}}',
    b'{"message": {"data": "YQ==", "attributes": {"a": 1}}}', b"\xff\xfe", b"[" * 100_000,
])
def test_a_body_that_is_no_envelope_is_400_and_its_text_is_not_logged(monitor, body):
    assert chaos_delivery.push(f"{monitor.url}/push", body) == 400
    assert fetch(f"{monitor.url}/readiness")[0] == 200
    monitor.wait_total(1, "walpulse_monitor_push_refused_total", reason="invalid")
    assert "hello" not in monitor.program.text(1000)


@pytest.mark.parametrize("data", [
    b"", b"no json", {"op": "c"}, {"some": "event"}, {"op": "x", "after": {}},
    {"op": "c", "ts_ms": 1, "before": None, "after": {"status": "RUNNING"}, "source": {}},
])
def test_a_message_that_is_no_event_is_acknowledged_and_counted_invalid(monitor, data):
    attributes = {"ce-type": "walpulse.change", "schema_version": "1"}
    assert push(monitor, data, **attributes) in (200, 204)
    assert push(monitor, data) in (200, 204)
    monitor.wait_total(2, PROCESSED, outcome="invalid")


def test_an_unknown_schema_version_is_503_until_someone_understands_it(monitor):
    assert push(monitor, {"op": "c"}, schema_version="2") == 503
    monitor.wait_total(1, "walpulse_monitor_push_refused_total", reason="deferred")
    assert monitor.total(PROCESSED) == 0
    assert fetch(f"{monitor.url}/readiness")[0] == 200, "the others flow on"


def test_an_unknown_path_is_404_and_a_wrong_method_405(monitor):
    assert chaos_delivery.push(f"{monitor.url}/pusch", b"{}") == 405, "nothing there takes a POST"
    assert fetch(f"{monitor.url}/nothing")[0] == 404
    assert chaos_delivery.push(f"{monitor.url}/metrics", b"{}") == 405
    assert fetch(f"{monitor.url}/push")[0] == 405


def test_a_body_over_the_limit_is_413(monitor):
    assert answer_to_headers(monitor, {"Content-Length": str(64 << 20)}) == 413
    assert answer_to_headers(monitor, {"Transfer-Encoding": "chunked"}, 64 << 20) == 413
    assert fetch(f"{monitor.url}/readiness")[0] == 200


def answer_to_headers(monitor, headers, chunked_bytes=0):
    """The status for a request whose body is too large; it is not sent beyond what is refused."""
    connection = http.client.HTTPConnection("127.0.0.1", monitor.port, timeout=10)
    try:
        connection.putrequest("POST", "/push")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        try:
            block = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
            for _ in range(chunked_bytes // 0x10000):
                connection.send(block)
            connection.send(b"0\r\n\r\n" if chunked_bytes else b"x" * (16 << 20))
        except OSError:
            pass  # the server has heard enough
        return connection.getresponse().status
    finally:
        connection.close()


def test_what_the_contract_allows_beside_its_fields_is_ignored(monitor, source):
    source.insert_run(pipeline_uuid="the_last")
    (event,) = stdout_events(source)
    event["future"] = {"field": [1, 2]}
    event["source"]["future"] = "field"
    assert push(monitor, event, **{"ce-type": "walpulse.change", "schema_version": "1"}) in (200, 204)
    assert push(monitor, event, **{"ce-type": "walpulse.change"}) in (200, 204)
    monitor.wait_total(1, PROCESSED, op="c", outcome="unchanged")
    assert monitor.total(PROCESSED, op="c", outcome="applied") == 1


def test_a_second_monitor_on_the_same_ledger_is_refused_with_the_reason(monitor, programs):
    ledger = monitor.arguments[monitor.arguments.index("--ledger") + 1]
    done = run("walpulse-monitor", "serve", "--ledger", ledger, "--http-port", 0, timeout=20)
    assert done.returncode == 69, done.stdout + done.stderr
    assert "ledger" in done.stdout + done.stderr
