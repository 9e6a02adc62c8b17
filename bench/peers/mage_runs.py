#!/usr/bin/env python3
"""A pipeline's newest runs: walpulse's API beside Mage's own, on the same rows and machine.

    bench/peers/mage_runs.py                    by hand: installs mage-ai from PyPI (1.5 GB, minutes)
    bench/peers/mage_runs.py --rows 5000        a first look
    bench/peers/mage_runs.py --mage FOLDER      a virtual environment that has it already

A private PostgreSQL gets Mage's own tables by Mage's own migrations, and 100,000 runs of 1,000
pipelines. walpulse reads them by a snapshot into a ledger in the same server. Then one client asks
both in turns for the thirty newest runs of one pipeline after another, and the ratio is printed.
Exit 1 below --at-least.
"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests_integration"))
sys.dont_write_bytecode = True

from harness import janitor  # noqa: E402
from harness.postgres import Postgres, free_port  # noqa: E402
from harness.programs import Program, fetch, run, wait_until  # noqa: E402

VERSION = "0.9.80"  # of 21 October 2026
PAGE = 30
# Of each pipeline a trigger, since Mage's list leaves out runs without one.
FILL = """
INSERT INTO pipeline_schedule (id, name, pipeline_uuid, schedule_type, start_time, schedule_interval, status)
SELECT n, 'trigger ' || n, 'pipeline_' || n, 'TIME', now() - interval '400 d', '@daily', 'ACTIVE'
FROM generate_series(1, {pipelines}) AS n;
INSERT INTO pipeline_run (created_at, updated_at, pipeline_schedule_id, pipeline_uuid, execution_date, status,
                          started_at, completed_at, variables, passed_sla, event_variables, executor_type)
SELECT at, at + interval '5 min', 1 + n % {pipelines}, 'pipeline_' || 1 + n % {pipelines}, at,
       (CASE WHEN n % 17 = 0 THEN 'FAILED' ELSE 'COMPLETED' END)::pipelinerunstatus,
       at + interval '5 s', at + interval '5 min', '{{"partner": "acme"}}', false, '{{}}', 'LOCAL_PYTHON'
FROM (SELECT n, now() - (({rows} - n) || ' min')::interval AS at FROM generate_series(1, {rows}) AS n) AS runs;
ANALYZE;
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="runs (100000)")
    parser.add_argument("--pipelines", type=int, default=1_000, help="(1000)")
    parser.add_argument("--seconds", type=float, default=5, help="of each of five turns (5)")
    parser.add_argument("--mage", type=pathlib.Path, help="a virtual environment with mage-ai")
    parser.add_argument("--at-least", type=float, default=200, help="the least ratio that is fine (200)")
    return parser.parse_args()


def say(text):
    print(f"mage_runs: {text}", flush=True)


def install(folder):
    """A virtual environment with Mage in it."""
    say(f"installing mage-ai {VERSION} from PyPI: some minutes")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "-q", f"mage-ai=={VERSION}", "psycopg2-binary"], check=True)
    return folder


def write_project(folder, pipelines):
    """A project of Mage's with these pipelines, as far as its list of runs looks at them."""
    for n in range(1, pipelines + 1):
        pipeline = folder / "pipelines" / f"pipeline_{n}"
        pipeline.mkdir(parents=True)
        (pipeline / "metadata.yaml").write_text(
            f"name: pipeline_{n}\nuuid: pipeline_{n}\ntype: python\nblocks: []\n")
    (folder / "metadata.yaml").write_text("project_type: standalone\nproject_uuid: bench\n")


class Client:
    """One client that keeps its connection; counts requests for a while."""

    def __init__(self, port, paths, look):
        self.port, self.paths, self.look = port, paths, look
        self.times, self.bytes, self.rates = [], 0, []

    def turn(self, seconds):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        began, count = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            path = self.paths[len(self.times) % len(self.paths)]
            asked = time.monotonic()
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            self.times.append(time.monotonic() - asked)
            assert answer.status == 200, (path, answer.status, body[:500])
            assert self.look(json.loads(body)) == PAGE, (path, body[:500])
            self.bytes += len(body)
            count += 1
        connection.close()
        self.rates.append(count / (time.monotonic() - began))

    def line(self):
        return (f"{statistics.median(self.rates):8.1f} requests/s, median {statistics.median(self.times) * 1e3:.2f} ms, "
                f"p99 {statistics.quantiles(self.times, n=100)[98] * 1e3:.2f} ms, "
                f"{self.bytes / len(self.times) / 1024:.1f} KiB an answer")


def start_mage(stack, environment, folder, dsn, pipelines):
    """The port of a Mage that serves; its migrations have made the tables."""
    project, port = folder / "project", free_port()
    write_project(project, pipelines)
    log = janitor.log_file("mage-")
    process = subprocess.Popen(
        [environment / "bin/mage", "start", project, "--host", "127.0.0.1", "--port", str(port)],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
        env={**os.environ, "MAGE_DATABASE_CONNECTION_URL": dsn, "MAGE_DATA_DIR": str(folder / "data"),
             "HOME": str(folder), "DISABLE_AUTO_BROWSER_OPEN": "1", "USAGE_STATISTICS_ENABLED": "0",
             "REQUIRE_USER_AUTHENTICATION": "0"})
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)

    def answers():
        assert process.poll() is None, pathlib.Path(log.name).read_text()[-4000:]
        with contextlib.suppress(OSError):
            return fetch(f"http://127.0.0.1:{port}/api/status")[0] == 200
    wait_until(answers, 240, lambda: pathlib.Path(log.name).read_text()[-4000:])
    return port


def start_walpulse(stack, server, rows):
    """The port of a monitor whose ledger in the same server has all the runs."""
    server.psql("CREATE DATABASE ledger")
    env, port = {"WALPULSE_DSN": server.dsn("mage")}, free_port()
    monitor = Program("walpulse-monitor", "serve", "--ledger", server.dsn("ledger"), "--http-address", "127.0.0.1",
                      "--http-port", port, env=env)
    stack.callback(monitor.stop)
    wait_until(lambda: fetch(f"http://127.0.0.1:{port}/readiness")[0] == 200, 30, monitor.text)
    for command in (["setup"], ["snapshot", "--to", f"http://127.0.0.1:{port}/push"]):
        done = run("walpulse-connector", *command, env=env, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
    kept = "SELECT count(*) FROM walpulse_ledger.run"
    wait_until(lambda: int(server.psql(kept, "ledger").strip()) == rows, 120, monitor.text)
    return port


def main():
    options = arguments()
    janitor.hire()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(janitor.folder("mage-peer-")))
        environment = options.mage or install(folder / "venv")
        server = stack.enter_context(Postgres())
        server.psql("CREATE DATABASE mage")
        url = f"postgresql+psycopg2://postgres@127.0.0.1:{server.port}/mage"
        mage_port = start_mage(stack, environment, folder, url, options.pipelines)
        say(f"writing {options.rows} runs of {options.pipelines} pipelines")
        server.psql(FILL.format(rows=options.rows, pipelines=options.pipelines), "mage")
        port = start_walpulse(stack, server, options.rows)
        names = [f"pipeline_{1 + n * 37 % options.pipelines}" for n in range(options.pipelines)]
        theirs = Client(mage_port, [f"/api/pipeline_runs?pipeline_uuid={name}&_limit={PAGE}" for name in names],
                        lambda answer: len(answer["pipeline_runs"]))
        ours = Client(port, [f"/api/v1/runs?{urllib.parse.urlencode({'pipeline': name, 'page_size': PAGE})}"
                             for name in names], lambda answer: len(answer["items"]))
        for _ in range(5):
            theirs.turn(options.seconds)
            ours.turn(options.seconds)
        ratios = [a / b for a, b in zip(ours.rates, theirs.rates)]
        say(f"Mage {VERSION}: {theirs.line()}")
        say(f"walpulse:    {ours.line()}")
        say(f"ratio {statistics.median(ratios):.0f} ({min(ratios):.0f}-{max(ratios):.0f}), one client, in turns")
        return 0 if statistics.median(ratios) >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
