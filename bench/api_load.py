#!/usr/bin/env python3
"""How long each list of the API takes, and how large it is, of 1,000 pipelines and 100,000 runs.

    . .venv/bin/activate; python bench/api_load.py [--pipelines 1000] [--runs 100000] [--postgres]

The runs come by a snapshot, their triggers too. Asked is each list in turn, by one client, no two requests alike so
that none is answered out of the second for which answers serve; once while nothing is written, once while runs end
at 50 a second. Nothing fails on time: what is printed is to be read."""
import argparse
import pathlib
import statistics
import sys
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests_integration"))

from harness import flow, janitor  # noqa: E402
from harness.postgres import Postgres  # noqa: E402
from harness.programs import run, wait_until  # noqa: E402

FILL = """
INSERT INTO pipeline_schedule (id, name, pipeline_uuid, schedule_type, schedule_interval, status, created_at)
SELECT i, 'trigger_' || i, 'pipeline_' || i, 'TIME', (i % 60) || ' * * * *', 'ACTIVE', now()
FROM generate_series(1, {pipelines}) i;
INSERT INTO pipeline_run (created_at, started_at, completed_at, pipeline_schedule_id, pipeline_uuid, execution_date,
                          status, passed_sla, variables)
SELECT at, at + interval '2 s', CASE WHEN i % 17 = 0 THEN NULL ELSE at + i % 600 * interval '1 s' + interval '3 s' END,
       1 + i % {pipelines}, 'pipeline_' || 1 + i % {pipelines}, at,
       CASE WHEN i % 17 = 0 THEN 'FAILED' WHEN i % 31 = 0 THEN 'CANCELLED' ELSE 'COMPLETED' END::text::pipelinerunstatus,
       false, json_build_object('partner', 'p' || i % 40)
FROM (SELECT i, now() - interval '25 days' * (1 - i / {runs}.0) AS at FROM generate_series(1, {runs}) i) made
"""
LISTS = {
    "/overview": lambda i: {},
    "/problems": lambda i: {"page_size": 50, "opened_after": f"2020-01-01T00:{i // 60 % 60:02d}:{i % 60:02d}Z"},
    "/problems?state=closed": lambda i: {"state": "open,muted,closed", "page_size": 50, "opened_after": f"2020-01-01T00:{i // 60 % 60:02d}:{i % 60:02d}Z"},
    "/pipelines": lambda i: {"page_size": 50, "text": f"_{i % 10}"},
    "/pipelines?sort=-ended_at": lambda i: {"sort": "-ended_at", "text": f"_{i % 10}"},
    "/pipelines/ID": lambda i: None,
    "/runs": lambda i: {"page_size": 50, "ended_before": f"2099-01-01T00:00:{i % 60:02d}Z"},
    "/runs?status=FAILED": lambda i: {"status": "FAILED", "ended_before": f"2099-01-01T00:00:{i % 60:02d}Z"},
    "/runs?text (none)": lambda i: {"text": f"no such {i}"},
    "/runs?label.partner": lambda i: {"label.partner": f"p{i % 40}"},
    "/runs?pipeline": lambda i: {"pipeline": f"pipeline_{1 + i % 1000}"},
    "/runs/ID": lambda i: None,
    "/triggers": lambda i: {"text": f"_{i % 10}"},
    "/schedule": lambda i: {"day": f"2026-{1 + i // 28 % 12:02d}-{1 + i % 28:02d}"},
    "/sources": lambda i: {},
    "/rules": lambda i: {},
    "/mutes": lambda i: {"page_size": 1 + i % 200},
}


def ask(url, name, path, i, source):
    query = LISTS[name](i)
    if query is None:
        path = f"/pipelines/{source}%3Apipeline_{1 + i}" if "pipelines" in name else f"/runs/{source}%3A{1 + i}"
        query = {}
        path += "?include=steps,blocks,last_success" if "runs" in name else ""
    target = f"{url}/api/v1{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
    begin = time.perf_counter()
    with urllib.request.urlopen(target, timeout=60) as answer:
        size = len(answer.read())
    return (time.perf_counter() - begin) * 1000, size


def measure(url, source, count):
    print(f"{'list':28} {'median ms':>10} {'p99 ms':>10} {'kB':>8}")
    for name in LISTS:
        path = name.split("?")[0].removesuffix("/ID")
        pause = 1.05 if not LISTS[name](0) and LISTS[name](0) is not None else 0
        times, sizes = [], []
        for i in range(min(count, 20) if pause else count):
            took, size = ask(url, name, path, i, source)
            times.append(took)
            sizes.append(size)
            time.sleep(pause)
        times.sort()
        print(f"{name:28} {statistics.median(times):10.1f} {times[int(len(times) * 0.99)]:10.1f} "
              f"{max(sizes) / 1000:8.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pipelines", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--postgres", action="store_true", help="the ledger is in PostgreSQL")
    options = parser.parse_args()
    janitor.hire()
    programs = flow.Programs()
    with Postgres() as server, janitor.folder("api-") as folder:
        server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        source = flow.Source(server, "mage", programs)
        source.create()
        source.execute(FILL.format(pipelines=options.pipelines, runs=options.runs))
        source.setup(alone=False)
        place = f"sqlite:{folder}/ledger"
        if options.postgres:
            server.psql("CREATE DATABASE ledger OWNER mage")
            place = server.dsn("ledger", "mage")
        monitor = flow.Monitor(programs, place)
        source.connector(f"{monitor.url}/push")
        done = run("walpulse-connector", "snapshot", *source.flags(), "--to", f"{monitor.url}/push", "--label", flow.LABEL,
                   timeout=1200)
        assert done.returncode == 0, done.stderr
        begin = time.perf_counter()
        ask(monitor.url, "/overview", "/overview", 0, "mage")
        print(f"first answer after the start: {(time.perf_counter() - begin) * 1000:.0f} ms")
        measure(monitor.url, "mage", options.requests)
        stop = threading.Event()

        def write():
            while not stop.wait(0.02):
                source.execute("UPDATE pipeline_run SET status = 'COMPLETED', completed_at = now() WHERE id = "
                               "(SELECT id FROM pipeline_run WHERE status = 'FAILED' ORDER BY random() LIMIT 1)")

        writer = threading.Thread(target=write)
        writer.start()
        print("while runs end:")
        measure(monitor.url, "mage", options.requests)
        stop.set()
        writer.join()
        programs.kill_all()


if __name__ == "__main__":
    main()
