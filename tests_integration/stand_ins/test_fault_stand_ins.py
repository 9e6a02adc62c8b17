"""The faults are what they say: a test that survives them means something."""
import contextlib
import http.client
import json
import socket
import threading
import time

import pytest

from harness.programs import wait_until
from stand_ins.fault_proxy import BACK, FaultProxy

PUBLISH = "/v1/projects/walpulse-local/topics/runs:publish"


def event(ordinal, key="k"):
    return {"data": "e30=", "orderingKey": key,
            "attributes": {"ce-type": "walpulse.change", "ce-id": f"mage/public.t/1/100/{ordinal}"}}


def body(*messages):
    return json.dumps({"messages": list(messages)})


def publish(sink, *messages, timeout=5):
    """(status, body), or the exception's name."""
    connection = http.client.HTTPConnection("127.0.0.1", sink.port, timeout=timeout)
    try:
        connection.request("POST", PUBLISH, body(*messages))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def test_the_sink_takes_and_acknowledges_events_and_knows_their_order(sink):
    status, answer = publish(sink, event(0), event(1))
    assert status == 200 and len(json.loads(answer)["messageIds"]) == 2
    assert publish(sink, event(1), event(2))[0] == 200
    assert publish(sink, event(4, "other"))[0] == publish(sink, event(3, "other"))[0] == 200
    assert len(sink.ids()) == 5 and sink.taken_count == 6 and sink.overtaken() == ["other"]
    assert sink.repeated_count == 2 and set(sink.acknowledged) == sink.ids()


def test_the_sink_refuses_what_pubsub_refuses(sink):
    too_long = {**event(0), "attributes": {"a": "é" * 513}}
    for messages in ([], [event(0, "a"), event(1, "b")], [event(i) for i in range(1001)],
                     [event(0, "k" * 1025)], [too_long], [{**event(0), "unknown": 1}], [{}]):
        assert publish(sink, *messages)[0] == 400, messages
    assert len(sink.violations) == 7 and not sink.taken


@pytest.mark.parametrize("behaviour, taken, outcome", [
    (403, 0, 403), (429, 0, 429), (503, 0, 503),
    ("refuse", 0, "ConnectionRefusedError"), ("reset", 0, "ConnectionResetError"),
    ("hang", 0, "TimeoutError"), ("take and hang", 2, "TimeoutError"),
    ("take and reset", 2, "ConnectionResetError"), ("close", 2, "RemoteDisconnected"),
    ("half a body", 2, "IncompleteRead"), ("few ids", 1, 200), ("empty", 2, 200),
    ("garbage", 2, 200), ("trickle", 2, 200), ("slow", 2, 200)])
def test_the_sink_misbehaves_as_it_is_told_and_is_well_again(sink, behaviour, taken, outcome):
    with sink.behaving(behaviour):
        answer = publish(sink, event(0), event(1), timeout=1 if outcome == "TimeoutError" else 5)
        assert (answer if isinstance(answer, str) else answer[0]) == outcome
        assert sink.taken_count == taken
    acknowledged = behaviour in ("trickle", "slow")
    assert len(sink.acknowledged) == (2 if acknowledged else 0)
    assert publish(sink, event(0), event(1))[0] == 200
    assert len(sink.acknowledged) == 2 and sink.violations == []


def test_the_sink_is_down_for_as_long_as_it_is_told(sink):
    sink.down(0.3)
    assert publish(sink, event(0)) == "ConnectionRefusedError"
    wait_until(lambda: publish(sink, event(0))[0] == 200, 10, "it listens again")


def test_a_change_of_behaviour_ends_what_hangs(sink):
    sink.behave("take and hang")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(publish(sink, event(0), timeout=20)))
    thread.start()
    wait_until(lambda: sink.taken_count == 1, 5, "it is taken")
    sink.behave("accept")
    thread.join(5)
    assert answers in (["ConnectionResetError"], ["RemoteDisconnected"])


@pytest.fixture
def echo():
    """The port of a server that sends back what it gets."""
    def serve(connection):
        with connection, contextlib.suppress(OSError):  # a reset, by the proxy
            while (piece := connection.recv(4096)):
                connection.sendall(piece)

    def accept():
        while True:
            try:
                threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
            except OSError:
                return

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def said(connection, text=b"hello"):
    connection.sendall(text)
    return connection.recv(100)


def test_the_proxy_forwards_waits_resets_refuses_and_recovers(echo):
    with FaultProxy(echo) as proxy:
        assert proxy.dsn("host=x port=5432 user=y") == f"host=x port={proxy.port} user=y"

        def connect():
            return socket.create_connection(("127.0.0.1", proxy.port), timeout=1)

        connection = connect()
        assert said(connection) == b"hello"
        proxy.half_open()
        with pytest.raises(TimeoutError):
            said(connection)
        with pytest.raises(TimeoutError):
            said(connect())
        proxy.restore()
        assert connection.recv(100) == b"hello"
        proxy.half_open(BACK)
        with pytest.raises(TimeoutError):
            said(connection)
        proxy.restore()
        assert connection.recv(100) == b"hello"
        proxy.latency = 0.1
        begun = time.monotonic()
        assert said(connection) == b"hello" and time.monotonic() - begun > 0.2
        proxy.restore()
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            connection.recv(100)
        other = connect()
        assert said(other) == b"hello"
        proxy.drop()
        assert other.recv(100) == b""
        with pytest.raises(ConnectionRefusedError):
            connect()
        proxy.restore()
        assert said(connect()) == b"hello"
