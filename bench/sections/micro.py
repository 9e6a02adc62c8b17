"""The micro benchmarks: what each step costs without any I/O, and groups in each ledger (bench/micro)."""
import contextlib
import json
import os
import subprocess

from harness import janitor, programs
from report import Row
from sections.monitor import Server


def figures(one):
    shown = {"items/s": one.get("items_per_second", 0.0), "CPU ns an item": cpu_ns(one)}
    if "bytes_per_second" in one:
        shown["MiB/s"] = one["bytes_per_second"] / 2**20
    return shown


def cpu_ns(one):
    """Of one item; a benchmark's iteration may be a whole group."""
    clock = one["real_time"] if one["name"].endswith("real_time") else one["cpu_time"]
    items = one.get("items_per_second", 0.0) * clock / 1e9
    return one["cpu_time"] / items if items else one["cpu_time"]


def run(options):
    wanted = ["--benchmark_format=json",
              f"--benchmark_min_time={0.001 if options.smoke else 0.2}"]
    with contextlib.closing(Server()) as server:
        done = subprocess.run([programs.bin_dir() / "walpulse_bench", *wanted], check=True, text=True,
                              stdout=subprocess.PIPE,
                              env={**os.environ, "TMPDIR": janitor.place(),
                                   "WALPULSE_BENCH_LEDGER": server.dsn()})
    found = json.loads(done.stdout)["benchmarks"]
    broken = [f"{one['name']}: {one['error_message']}" for one in found if "error_message" in one]
    if broken:
        raise RuntimeError("; ".join(broken))
    return [Row("micro", one["name"], figures(one)) for one in found]
