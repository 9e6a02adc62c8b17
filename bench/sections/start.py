"""From a program's start to its work, the size of the programs, and what they take with nothing to do."""
import os
import time

from harness import programs
from harness.postgres import free_port
from harness.programs import Program, fetch, wait_until
from local_sink import LocalSink
from prefilled import Prefilled
from processes import cpu_seconds, peak_bytes, resident_bytes
from report import Row, spread

MIB = 1 << 20


def idle(program, seconds):
    """What is resident, and the share of one processor, in that time."""
    before = cpu_seconds(program.pid)
    time.sleep(seconds)
    return resident_bytes(program.pid) / MIB, (cpu_seconds(program.pid) - before) / seconds * 100


def row(name, what, starts, resting, peak):
    memory, share = resting
    return Row("start", name, {
        "ms": spread([one * 1000 for one in starts], "{:.0f}"), "until": what,
        "binary MiB": os.stat(programs.bin_dir() / name).st_size / MIB, "idle MiB": memory,
        "peak MiB": peak / MIB, "idle CPU %": share})


def connector(prefilled, runs, seconds):
    shape = prefilled.small(1)
    starts = []
    for number in range(runs):
        slot = prefilled.copy(shape)
        with LocalSink() as sink:
            began = time.time()
            program = Program("walpulse-connector", *prefilled.run_flags(slot), "--to", sink.URL,
                              env=sink.environment())
            try:
                wait_until(lambda: sink.counts()["messages"] > 1, 30, program.text)
                starts.append(sink.counts()["last_at"] / 1e6 - began)
                if number == runs - 1:
                    resting, peak = idle(program, seconds), peak_bytes(program.pid)
                program.stop()
            finally:
                program.kill()
        prefilled.drop(slot)
    return row("walpulse-connector", "a waiting change is published", starts, resting, peak)


def monitor(runs, seconds):
    starts = []
    for number in range(runs):
        port = free_port()
        began = time.monotonic()
        program = Program("walpulse-monitor", "serve", "--ledger", "memory", "--http-address",
                          "127.0.0.1", "--http-port", port)
        try:
            wait_until(lambda: fetch(f"http://127.0.0.1:{port}/readiness")[0] == 200
                       or not program.running(), 30, program.text, pause=0.005)
            starts.append(time.monotonic() - began)
            if number == runs - 1:
                resting, peak = idle(program, seconds), peak_bytes(program.pid)
            program.stop()
        finally:
            program.kill()
    return row("walpulse-monitor", "ready, ledger in memory", starts, resting, peak)


def run(options):
    runs, seconds = (1, 1) if options.smoke else (5, 10)
    with Prefilled() as prefilled:
        rows = [connector(prefilled, runs, seconds)]
    return [*rows, monitor(runs, seconds)]
