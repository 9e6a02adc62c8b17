"""How many sessions the programs hold: what deploy/README.md and deploy/cost.md reckon with."""
import time

import pytest

from harness.flow import Monitor
from harness.postgres import Postgres


@pytest.fixture
def server():
    """The roles apart, so that their sessions can be told apart."""
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;"
                     "CREATE ROLE ledger LOGIN")
        yield started


def test_a_monitor_holds_three_sessions_and_a_connector_a_walsender_and_three(programs, server, source):
    """At most, at every look, while runs are captured, counted, exported and looked at."""
    server.psql("CREATE DATABASE ledger OWNER ledger")
    monitor = Monitor(programs, server.dsn("ledger", "ledger"), "--export", "stdout",
                      "--export-interval", "10s")
    source.connector(f"{monitor.url}/push")
    load = source.start_simulation("--duration", "12s")
    most = {}
    end = time.monotonic() + 25
    while time.monotonic() < end:
        for row in server.psql("SELECT usename || ' ' || backend_type || ' ' || count(*) FROM "
                               "pg_stat_activity WHERE usename IN ('ledger', 'walpulse') "
                               "GROUP BY usename, backend_type").splitlines():
            *who, count = row.split(" ")
            key = " ".join(who)
            most[key] = max(most.get(key, 0), int(count))
        monitor.metrics()
        if not load.running():
            break
    assert 1 <= most["ledger client backend"] <= 3, most
    assert most["walpulse walsender"] == 1, most
    assert 1 <= most["walpulse client backend"] <= 3, most
    print(most)
