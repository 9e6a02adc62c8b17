"""A stop ends in time though the server, or the sink, is not heard of."""
import time

import pytest

from stand_ins.fault_proxy import FaultProxy
from stand_ins.fault_sink import HANG

STOP_SECONDS_MAX = 15


@pytest.mark.statement("S23")
@pytest.mark.parametrize("behaviour", ["accept", HANG])
def test_a_stop_behind_a_silent_network_ends_in_time(source, server, sink, behaviour):
    with FaultProxy(server.port) as proxy:
        source.dsn = proxy.dsn(source.dsn)
        connector = source.connector(sink.url(), "--drain-deadline", "2s", env=sink.environment())
        source.insert_run()
        sink.wait_for(1, what=connector.text)
        sink.behave(behaviour)
        source.insert_run()
        proxy.half_open()
        time.sleep(2)  # the watch asks every second, and waits for an answer
        begun = time.monotonic()
        code = connector.stop(60)
        took = time.monotonic() - begun
        assert took < STOP_SECONDS_MAX and code == 0, f"{code} after {took:.1f} s\n" + connector.text()
        proxy.restore()
