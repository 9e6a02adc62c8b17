"""What good clients wait for while 5,000 connections that ask for nothing are held, and 100 a second renewed.

Of the monitor: pushes and /liveness; of the connector, which captures meanwhile: /liveness. Good clients are four each
time, on connections that are kept and on new ones.
"""
import contextlib
import time

from harness import flow, janitor
from harness.postgres import Postgres
from harness.programs import ROOT
from processes import peak_bytes
from report import Row
from stand_ins.hostile_http import BaselineClients, Flood, raise_file_limit

MIB = 1 << 20
GOLDEN = ROOT / "tests/decoder/schema/golden/insert.json"


def figures(clients, pid):
    wrong = set(clients.statuses) - {200, 204}
    return {"requests": clients.served(), "refused or lost": sum(clients.statuses[one] for one in wrong),
            "p50 ms": clients.percentile(.5) * 1000, "p99 ms": clients.percentile(.99) * 1000,
            "max ms": max(clients.seconds) * 1000, "peak MiB": peak_bytes(pid) / MIB}


def beside(section, kind, port, pid, goldens, options):
    """A row for each kind of good client."""
    count, seconds = (1500, 1) if options.smoke else (5000, 10)
    crowd = Flood(port, Flood.KINDS[kind], count) if kind else contextlib.nullcontext()
    with crowd, contextlib.ExitStack() as stack:
        clients = {what: stack.enter_context(BaselineClients(port, *golden)) for what, golden in goldens.items()}
        time.sleep(seconds)
        return [Row(section, f"{kind or 'no crowd'}: {what}", figures(one, pid)) for what, one in clients.items()]


def run(options):
    raise_file_limit()
    rows = []
    with Postgres() as server, janitor.folder("crowd-") as folder:
        server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        programs = flow.Programs()
        try:
            source = flow.Source(server, "etl", programs)
            source.create()
            source.setup()
            monitor = flow.Monitor(programs, f"sqlite:{folder}/ledger")
            connector = source.connector(f"{monitor.url}/push")
            port = int(connector.url.rsplit(":", 1)[1])
            for kind in (None, *Flood.KINDS):
                rows += beside("crowd: monitor", kind, monitor.port, monitor.program.pid,
                               {"a push": [GOLDEN], "/liveness": []}, options)
            for kind in (None, *Flood.KINDS):
                rows += beside("crowd: connector", kind, port, connector.pid, {"/liveness": []}, options)
        finally:
            programs.kill_all()
    return rows
