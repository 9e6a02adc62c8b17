"""The connector's probes under clients that mean harm: bounded memory, and the others served."""
import resource

import pytest

from harness.programs import fetch
from stand_ins.hostile_http import BaselineClients, Flood, Raw, assert_served, raise_file_limit

pytestmark = pytest.mark.statement("hostile-clients")

PEAK_BYTES_MAX = 160 << 20


@pytest.fixture
def connector(source, sink):
    """Its events go on meanwhile."""
    started = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=started.text)
    started.port = int(started.url.rsplit(":", 1)[1])
    return started


@pytest.fixture
def many_files():
    before = raise_file_limit()
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("kind", Flood.KINDS)
def test_a_crowd_that_asks_for_nothing_keeps_nobody_out(source, connector, many_files, capsys, kind):
    with Flood(connector.port, Flood.KINDS[kind]) as flood, BaselineClients(connector.port) as asking:
        assert_served(asking)
        assert not flood.problem, flood.problem
        if kind != "a slow body":  # which is refused before it is read
            assert "all connections were taken" in connector.text(1000), "it was no crowd"
        source.insert_run()
        source.wait_confirmed()
    with capsys.disabled():
        print(f"\n  {flood.opened:,} connections, {kind}: peak {connector.peak_bytes() / 2**20:.0f} MiB; "
              f"{asking.served()} requests, p50 {asking.percentile(.5) * 1000:.1f} ms, "
              f"p99 {asking.percentile(.99) * 1000:.1f} ms", end=" ")
    assert connector.peak_bytes() < PEAK_BYTES_MAX


@pytest.mark.parametrize("head", ["GET /liveness", "POST /metrics", "POST /nothing"])
def test_a_body_is_refused_before_it_is_read(connector, head):
    for framing in ("Content-Length: 1000", "Content-Length: 99999999999", "Transfer-Encoding: chunked"):
        with Raw(connector.port) as client:
            client.send(f"{head} HTTP/1.1\r\nHost: m\r\n{framing}\r\n\r\n".encode())
            assert client.statuses(1) == [413] and client.at_end(), framing
    assert fetch(f"{connector.url}/liveness")[0] == 200
