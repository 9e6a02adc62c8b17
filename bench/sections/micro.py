"""The micro benchmarks: what each step costs without any I/O (bench/micro)."""
import json
import subprocess

import programs
from report import Row


def run(options):
    wanted = ["--benchmark_format=json"]
    if options.smoke:
        wanted.append("--benchmark_min_time=0.001")
    done = subprocess.run([programs.bin_dir() / "walpulse_bench", *wanted], check=True, text=True,
                          stdout=subprocess.PIPE)
    return [Row("micro", one["name"], {"items/s": one.get("items_per_second", 0.0),
                                       "CPU ns each": one["cpu_time"]})
            for one in json.loads(done.stdout)["benchmarks"]]
