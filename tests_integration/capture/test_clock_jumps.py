"""The wall clock of each program's machine jumps by hours, forth and back, while runs come in:
nothing is lost, nothing counted twice, and nobody takes it for a stall. libfaketime plays the
clock; what only time that passes may decide is measured by the monotonic one, which it leaves."""
import os
import subprocess
import time

import pytest

from harness.confirmations import Confirmations
from harness.flow import Monitor
from harness.programs import fetch, wait_until
from stand_ins.fake_clock import Clock
from stand_ins.fault_sink import FaultSink

pytestmark = pytest.mark.statement("clocks")

JUMPS = ("+2h", "-2h", "+40d", "+0")


@pytest.fixture
def clock(tmp_path):
    with Clock(tmp_path) as made:
        made.jump("+40d")
        shown = subprocess.run(["date", "+%s"], env={**os.environ, **made.environment()}, text=True,
                               stdout=subprocess.PIPE, check=True).stdout
        assert int(shown) > time.time() + 39 * 86_400, "the clock is not faked"
        made.jump("+0")
        yield made


def test_a_connector_whose_clock_jumps_loses_nothing_and_stays_ready(source, clock):
    with FaultSink() as sink, Confirmations(source) as confirmations:
        connector = source.connector(sink.url(),
                                     env={**sink.environment(), **clock.environment()})
        source.insert_run()
        sink.wait_for(1, what=connector.text)
        for offset in JUMPS:
            clock.jump(offset)
            source.insert_runs(300)
            sink.wait_for(source.change_count(), 60, connector.text)
            source.wait_confirmed()
            assert fetch(f"{connector.url}/readiness")[0] == 200
        sink.check(source.change_count())
        confirmations.check(sink)
        assert connector.stop() == 0, connector.text()


def test_a_monitor_whose_clock_jumps_counts_every_run_once(source, programs, ledger, clock):
    monitor = Monitor(programs, ledger, "--export", "prometheus", env=clock.environment())
    connector = source.connector(f"{monitor.url}/push")
    for seed, offset in enumerate(JUMPS):
        clock.jump(offset)
        source.simulate("--runs", 50, "--rate", 0, "--seed", seed)
        monitor.wait_equal(source, ages=False)
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, connector.text)
    assert monitor.program.running()
