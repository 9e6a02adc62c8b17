#!/usr/bin/env python3
"""A pipeline's newest runs: walpulse's API beside Mage's own, on the same rows and machine.

    bench/peers/mage_runs.py                    by hand: installs mage-ai from PyPI (1.5 GB, minutes)
    bench/peers/mage_runs.py --rows 5000        a first look
    bench/peers/mage_runs.py --mage FOLDER      a virtual environment that has it already

A private PostgreSQL gets Mage's own tables by Mage's own migrations, and 100,000 runs of 1,000
pipelines. walpulse reads them by a snapshot into a ledger in the same server. Then four clients
(bench/load, which costs either the same few microseconds) ask both in turns for the thirty newest
runs of one pipeline after another. walpulse keeps an answer for a second, so it is asked in three
ways: `made anew`, no two requests alike, so that every answer is read from the ledger; `in turn`, the
pipelines one after another, as Mage is asked; `again`, one and the same. Answers are checked against
the table before and behind; in between their statuses and lengths are.
Exit 1 where the ratio in turn is below --at-least.
"""
import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests_integration"), str(ROOT / "bench")]
sys.dont_write_bytecode = True

from harness import janitor  # noqa: E402
from harness.postgres import Postgres, free_port  # noqa: E402
from harness.programs import Program, fetch, run, wait_until  # noqa: E402
from monitor_load import ask  # noqa: E402
from processes import cpu_of_tree, resident_bytes  # noqa: E402

VERSION = "0.9.80"  # of 21 October 2026
PAGE = 30
# Of each pipeline a trigger, since Mage's list leaves out runs without one; paused, or Mage would add runs of its own.
FILL = """
INSERT INTO pipeline_schedule (id, name, pipeline_uuid, schedule_type, start_time, schedule_interval, status)
SELECT n, 'trigger ' || n, 'pipeline_' || n, 'TIME', now() - interval '400 d', '@daily', 'INACTIVE'
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
    parser.add_argument("--seconds", type=float, default=3, help="of each question in each turn (3)")
    parser.add_argument("--turns", type=int, default=5, help="(5)")
    parser.add_argument("--clients", type=int, default=4, help="connections, each with one request in flight (4)")
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


class Asked:
    """One question to one server: measured for a while at a time."""

    def __init__(self, name, port, targets, processes, clients):
        self.name, self.port, self.targets, self.processes, self.clients = name, port, targets, processes, clients
        self.turns = []

    def turn(self, seconds, bytes_least):
        before = self._cpu()
        figures = ask(self.port, self.targets, "--seconds", seconds, "--connections", self.clients)
        figures["cpu_ms"] = (self._cpu() - before) * 1e3 / figures["requests"]
        assert set(figures["statuses"]) == {"200"}, figures
        assert figures["bytes_least"] >= bytes_least, figures
        self.turns.append(figures)

    def _cpu(self):
        return sum(cpu_of_tree(pid) for pid in self.processes)

    def rates(self):
        return [one["requests"] / one["seconds"] for one in self.turns]

    def line(self):
        def of(name):
            return statistics.median(one[name] for one in self.turns)
        length = sum(one["bytes"] for one in self.turns) / sum(one["requests"] for one in self.turns)
        return (f"{self.name:20} {statistics.median(self.rates()):8.1f} requests/s, median {of('p50_ms'):.2f} ms, "
                f"p99 {of('p99_ms'):.2f} ms, {of('cpu_ms'):.3f} CPU ms of both servers, {length / 1024:.1f} KiB an answer")


def check(server, ports, names):
    """Both list what the table has, the newest first; returns the least length of theirs and ours."""
    lengths = [[], []]
    for name in names:
        expected = json.loads(server.psql(
            "SELECT json_agg(id) FROM (SELECT id FROM pipeline_run "
            f"WHERE pipeline_uuid = '{name}' ORDER BY id DESC LIMIT {PAGE}) newest", "mage"))
        for place, (port, path, items) in enumerate((
                (ports[0], theirs_of(name), lambda answer: [run["id"] for run in answer["pipeline_runs"]]),
                (ports[1], ours_of(name), lambda answer: [run["run"] for run in answer["items"]]))):
            status, text = fetch(f"http://127.0.0.1:{port}{path}", timeout=60)
            assert status == 200, (path, status, text[:500])
            assert items(json.loads(text)) == expected, (path, text[:500])
            lengths[place].append(len(text.encode()))
    return [min(each) * 9 // 10 for each in lengths]


def theirs_of(name):
    return f"/api/pipeline_runs?pipeline_uuid={name}&_limit={PAGE}"


def ours_of(name, **more):
    return f"/api/v1/runs?{urllib.parse.urlencode({'pipeline': name, 'page_size': PAGE, **more}, safe='{}')}"


def start_mage(stack, environment, folder, dsn, pipelines):
    """The port and the process of a Mage that serves; its migrations have made the tables."""
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
    return port, process.pid


def start_walpulse(stack, server, rows):
    """The port of a monitor whose ledger in the same server has all the runs, and its process."""
    server.psql("CREATE DATABASE ledger")
    env, port = {"WALPULSE_DSN": server.dsn("mage")}, free_port()
    monitor = Program("walpulse-monitor", "serve", "--ledger", server.dsn("ledger"), "--http-address", "127.0.0.1",
                      "--http-port", port, env=env)
    stack.callback(monitor.stop)
    wait_until(lambda: fetch(f"http://127.0.0.1:{port}/readiness")[0] == 200, 30, monitor.text)
    for command in (["setup"], ["snapshot", "--to", f"http://127.0.0.1:{port}/push"]):
        done = run("walpulse-connector", *command, env=env, timeout=3600)
        assert done.returncode == 0, done.stdout + done.stderr
    kept = "SELECT count(*) FROM walpulse_ledger.run"
    wait_until(lambda: int(server.psql(kept, "ledger").strip()) == rows, 120, monitor.text)
    return port, monitor.pid


def main():
    options = arguments()
    janitor.hire()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(janitor.folder("mage-peer-")))
        environment = options.mage or install(folder / "venv")
        server = stack.enter_context(Postgres())
        server.psql("CREATE DATABASE mage")
        url = f"postgresql+psycopg2://postgres@127.0.0.1:{server.port}/mage"
        mage_port, mage = start_mage(stack, environment, folder, url, options.pipelines)
        say(f"writing {options.rows} runs of {options.pipelines} pipelines")
        server.psql(FILL.format(rows=options.rows, pipelines=options.pipelines), "mage")
        port, monitor = start_walpulse(stack, server, options.rows)
        names = [f"pipeline_{1 + n * 37 % options.pipelines}" for n in range(options.pipelines)]
        postmaster = int((server.data / "postmaster.pid").read_text().split()[0])
        theirs = Asked(f"Mage {VERSION}", mage_port, [theirs_of(name) for name in names], [mage, postmaster],
                       options.clients)
        ours = {name: Asked(f"walpulse, {name}", port, targets, [monitor, postmaster], options.clients)
                for name, targets in (("made anew", [ours_of(name, window="{n}h") for name in names]),
                                      ("in turn", [ours_of(name) for name in names]),
                                      ("again", [ours_of(names[0])]))}
        least = check(server, (mage_port, port), names[:3])
        for _ in range(options.turns):
            theirs.turn(options.seconds, least[0])
            for each in ours.values():
                each.turn(options.seconds, least[1])
        check(server, (mage_port, port), names[3:6])
        say(theirs.line())
        for each in ours.values():
            say(each.line())
        say(f"the monitor has {resident_bytes(monitor) / 2**20:.1f} MiB")
        for name, each in ours.items():
            ratios = [a / b for a, b in zip(each.rates(), theirs.rates())]
            say(f"{name}: ratio {statistics.median(ratios):.0f} ({min(ratios):.0f}-{max(ratios):.0f}), "
                f"{options.clients} client(s), in turns")
        ratio = statistics.median([a / b for a, b in zip(ours["in turn"].rates(), theirs.rates())])
        return 0 if ratio >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
