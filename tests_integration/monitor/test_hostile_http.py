"""The monitor's HTTP intake under clients that mean harm: bounded memory, and the others served.

How long baseline clients waited is printed, not asserted: it is the machine's word as much as ours.
"""
import base64
import gzip
import json
import resource
import threading

import pytest

from harness.flow import Monitor
from harness.postgres import free_port
from harness.programs import ROOT, fetch
from stand_ins.hostile_http import (BaselineClients, Crowd, Flood, Raw, assert_served, chunks, post,
                                    raise_file_limit)

pytestmark = pytest.mark.statement("hostile-clients")

GOLDEN = ROOT / "tests/decoder/schema/golden/insert.json"
PEAK_BYTES_MAX = 320 << 20
BODY_BYTES_MAX = 14 << 20
CREATED = "walpulse_pipeline_run_created_count_total"


@pytest.fixture
def monitor(programs, ledger):
    """Started as most systems start programs: with 1024 files, until it asks for more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, before[1]))
    try:
        started = Monitor(programs, ledger, "--export", "prometheus")
        raise_file_limit()
        yield started
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def report(monitor, capsys):
    """Prints a line past pytest's capture, and holds the memory against its bound."""
    def say(what, baseline=None):
        peak = monitor.program.peak_bytes()
        served = (f"; {baseline.served()} requests, p50 {baseline.percentile(.5) * 1000:.1f} ms, "
                  f"p99 {baseline.percentile(.99) * 1000:.1f} ms") if baseline else ""
        with capsys.disabled():
            print(f"\n  {what}: peak {peak / 2**20:.0f} MiB{served}", end=" ")
        assert peak < PEAK_BYTES_MAX
    return say


CROWDS = {
    "1,000 idle connections": {},
    "1,000 slow headers": {"greeting": b"POST /push HTTP/1.1\r\nHost: monitor\r\nX-Slow: ",
                           "trickle": b"a"},
    "1,000 slow bodies": {"greeting": b"POST /push HTTP/1.1\r\nHost: monitor\r\nContent-Length: "
                                      b"14000000\r\n\r\n" + b" " * 100_000, "trickle": b" "},
    "1,000 slow chunks": {"greeting": b"POST /push HTTP/1.1\r\nHost: monitor\r\nTransfer-Encoding: "
                                      b"chunked\r\n\r\nfffff\r\n", "trickle": b" "},
}


@pytest.mark.parametrize("kind", CROWDS)
def test_baseline_clients_are_served_beside(monitor, report, kind):
    with Crowd(monitor.port, 1000, **CROWDS[kind]), BaselineClients(monitor.port, GOLDEN) as baseline:
        assert_served(baseline)
        assert fetch(f"{monitor.url}/readiness")[0] == 200
    report(kind, baseline)
    assert set(baseline.statuses) == {204}
    monitor.wait_total(baseline.served(), CREATED)


@pytest.mark.parametrize("kind", Flood.KINDS)
def test_a_crowd_that_asks_for_nothing_keeps_nobody_out(monitor, report, kind):
    with Flood(monitor.port, Flood.KINDS[kind]) as flood, \
            BaselineClients(monitor.port, GOLDEN) as pushing, BaselineClients(monitor.port) as asking:
        assert_served(pushing, asking)
        assert not flood.problem, flood.problem
        assert "all connections were taken" in monitor.program.text(1000), "it was no crowd"
    report(f"{flood.opened:,} connections, {kind}: pushes", pushing)
    report(f"{flood.opened:,} connections, {kind}: /liveness", asking)
    monitor.wait_total(pushing.served(), CREATED)


@pytest.mark.parametrize("head", ["GET /liveness", "GET /push", "HEAD /", "POST /metrics", "POST /api/v1/runs",
                                  "PUT /push"])
def test_a_body_is_refused_before_it_is_read_where_none_is_taken(monitor, head):
    for framing in ("Content-Length: 1000", "Transfer-Encoding: chunked"):
        with Raw(monitor.port) as client:
            client.send(f"{head} HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n".encode())
            [status] = client.statuses(1)
            assert 400 <= status < 500 and client.at_end(), (framing, status)


def test_the_server_of_figures_takes_no_body(programs, ledger):
    port = free_port()
    Monitor(programs, ledger, "--metrics-address", f"127.0.0.1:{port}")
    with Raw(port) as client:
        client.send(b"POST /metrics HTTP/1.1\r\nHost: m\r\nContent-Length: 14000000\r\n\r\n")
        assert client.statuses(1) == [413] and client.at_end()
    assert fetch(f"http://127.0.0.1:{port}/liveness")[0] == 200


def test_bodies_of_100_mb_are_refused_and_never_kept(monitor, report):
    def send_whole():
        with Raw(monitor.port) as client:
            client.send(post(b"x" * (100 << 20)))
            answers.append(client.statuses(1))

    def send_chunked():
        with Raw(monitor.port) as client:
            client.send(b"POST /push HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n",
                        *chunks(b"x" * (100 << 20)))
            answers.append(client.statuses(1))

    answers = []
    with BaselineClients(monitor.port, GOLDEN) as baseline:
        threads = [threading.Thread(target=send) for send in [send_whole, send_chunked] * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert_served(baseline)
    report("6 bodies of 100 MiB", baseline)
    assert all(answer in ([], [413]) for answer in answers), answers
    assert set(baseline.statuses) == {204}


def test_the_largest_bodies_at_once_are_taken_or_told_to_come_again(monitor, report):
    largest = json.dumps({"message": {"data": base64.b64encode(b"x" * (10 << 20)).decode()}})
    answers = []

    def send():
        with Raw(monitor.port) as client:
            client.send(post(largest.encode()))
            answers.extend(client.statuses(1))

    with BaselineClients(monitor.port, GOLDEN) as baseline:
        threads = [threading.Thread(target=send) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert_served(baseline)
    report("16 bodies of 14 MB at once", baseline)
    assert set(answers) <= {204, 503} and 204 in answers, answers


def test_pipelined_requests_are_answered_in_order(monitor, report):
    wrong, right = post(b"{}"), post(json.dumps({"message": {"data": "e30="}}).encode())
    with BaselineClients(monitor.port, GOLDEN) as baseline, Raw(monitor.port) as client:
        sender = threading.Thread(target=client.send, args=[(wrong + right) * 2000])
        sender.start()
        assert client.statuses(4000) == [400, 204] * 2000
        sender.join()
    with Raw(monitor.port) as silent:  # asks for pages and reads none of them
        silent.socket.settimeout(1)
        silent.send(b"GET /metrics HTTP/1.1\r\nHost: m\r\n\r\n" * 20_000)
        assert fetch(f"{monitor.url}/readiness")[0] == 200
    report("4,000 pipelined requests, 20,000 that read no answer", baseline)
    assert set(baseline.statuses) == {204}


def message(data, **attributes):
    return json.dumps({"message": {"data": base64.b64encode(data).decode(),
                                   "attributes": attributes}}).encode()


def filled(head, unit, tail=b"", size=BODY_BYTES_MAX):
    """As many units as a body may have."""
    return head + unit * ((size - len(head) - len(tail)) // len(unit)) + tail


HEARTBEAT = {"ce-type": "walpulse.heartbeat", "schema_version": "1"}
BODIES = {  # what it gets, the body, more headers
    "bad UTF-8": (400, b'{"message": {"messageId": "\xff"}}'),
    "a NUL byte": (400, b'{"message": {\0}}'),
    "14 MB of NUL bytes": (400, b"\0" * BODY_BYTES_MAX),
    "deep arrays": (400, filled(b'{"x": ', b"[")),
    "deep objects": (400, filled(b"", b'{"message":')),
    "many attributes": (400, filled(b'{"message": {"attributes": {"0": ""',
                                    b''.join(b',"%d":""' % n for n in range(5000)), b"}}}")),
    "one attribute a million times": (400, filled(b'{"message": {"attributes": {"a": ""', b',"a":""',
                                                  b"}}}")),
    "many small values": (204, filled(b'{"message": {"data": ""}, "x": [0', b",0", b"]}")),
    "an event of deep arrays": (204, message(filled(b'{"op": "c", "after": ', b"[",
                                                    size=10 << 20))),
    "an event of many columns": (204, message(filled(
        b'{"op": "c", "after": {"id": 1', b"".join(b',"%d":0' % n for n in range(10_000)), b"}}",
        size=10 << 20))),
    "a heartbeat of empty arrays": (204, message(filled(b'{"name": [[]', b",[]", b"]}",
                                                        size=10 << 20), **HEARTBEAT)),
    "a compressed envelope": (400, gzip.compress(message(GOLDEN.read_bytes())),
                              "Content-Encoding: gzip"),
    "a zip bomb": (400, gzip.compress(b"[" * (256 << 20), 1), "Content-Encoding: gzip"),
}


def test_no_body_takes_more_memory_than_its_size_explains(monitor, report):
    with BaselineClients(monitor.port, GOLDEN) as baseline:
        for name, (wanted, body, *headers) in BODIES.items():
            with Raw(monitor.port) as client:
                client.send(post(body, *headers))
                assert client.statuses(1) == [wanted], name
            before = monitor.program.peak_bytes()
            assert before < PEAK_BYTES_MAX, name
        assert_served(baseline)
    report(f"{len(BODIES)} bodies made to burst", baseline)
    assert set(baseline.statuses) == {204}


HEADS = {
    "NUL bytes": b"\0" * 5000 + b"\r\n\r\n",
    "a NUL byte in a header": b"POST /push HTTP/1.1\r\nHost: a\0b\r\nContent-Length: 0\r\n\r\n",
    "bad UTF-8": b"GET /\xff\xfe?\xc3\x28 HTTP/1.1\r\nHost: \xff\r\n\r\n",
    "a long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: m\r\n\r\n",
    "headers of 1 MB": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 170_000 + b"\r\n",
    "two lengths": b"POST /push HTTP/1.1\r\nHost: m\r\nContent-Length: 0\r\nContent-Length: 5\r\n"
                   b"\r\nhello",
    "a length and chunks": b"POST /push HTTP/1.1\r\nHost: m\r\nContent-Length: 3\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk of endless size": b"POST /push HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n"
                               b"ffffffffffffffffff\r\n",
    "a negative chunk": b"POST /push HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


def test_bad_heads_are_refused_or_cut_off(monitor, report):
    for name, head in HEADS.items():
        with Raw(monitor.port, timeout=2) as client:
            client.send(head)
            statuses = client.statuses(1)
        assert 204 not in statuses, (name, statuses)
        assert fetch(f"{monitor.url}/liveness")[0] == 200, name
    report(f"{len(HEADS)} bad heads")
