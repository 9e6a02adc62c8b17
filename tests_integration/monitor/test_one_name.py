"""One name, one history: two systems under one name on one topic, as two Mage installations have
whose databases are both called mage."""
import json

import pytest

from harness.flow import Monitor, Source
from harness.postgres import Postgres
from harness.programs import run, wait_until

pytestmark = pytest.mark.statement("one-name")

CREATED = "walpulse_pipeline_run_created_count_total"
PROCESSED = "walpulse_event_processed_count_total"
GAPS = "walpulse_flow_gap_count_total"


@pytest.fixture
def systems(programs):
    with Postgres() as one, Postgres() as two:
        found = []
        for server in (one, two):
            server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION")
            source = Source(server, "mage", programs)
            source.create()
            if found:  # an epoch is a second
                epoch = found[0].epoch
                wait_until(lambda: int(server.psql(
                    "SELECT extract(epoch FROM clock_timestamp())::bigint")) > epoch, 5, "a second")
            source.setup()
            found.append(source)
        yield found
        programs.kill_all()


def sources(*arguments):
    done = run("walpulse-monitor", "sources", *arguments)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_a_second_system_is_refused_the_first_goes_on_and_a_person_may_take_it_in(
        systems, programs, ledger):
    first, second = systems
    monitor = Monitor(programs, ledger)
    first.connector(f"{monitor.url}/push")
    first.insert_runs(3)
    monitor.wait_total(3, CREATED)
    stranger = second.connector(f"{monitor.url}/push")
    second.insert_runs(2)
    second.execute("TRUNCATE pipeline_run CASCADE")
    monitor.wait_total(3, PROCESSED, outcome="refused")
    first.insert_runs(1)
    monitor.wait_total(4, CREATED)
    assert monitor.total("walpulse_pipeline_run_active") == 4, "the stranger's truncate ends nothing"
    assert monitor.total(GAPS, reason="name_taken") == 1
    assert "two histories have one name" in monitor.program.text()
    assert stranger.running()
    assert monitor.program.stop() == 0

    code, known, _ = sources("list", "--ledger", ledger)
    assert code == 0 and [each["standing"] for each in known] == ["accepted", "refused"], known
    taken = known[1]
    assert taken["system_identifier"] == second.server.psql(
        "SELECT system_identifier FROM pg_control_system()")
    code, _, text = sources("accept", "mage", "1", "--ledger", ledger)
    assert code == 1 and "sources list" in text
    code, known, _ = sources("accept", "mage", str(taken["epoch"]), "--ledger", ledger)
    assert code == 0 and {each["standing"] for each in known} == {"accepted"}
    redriven = run("walpulse-monitor", "redrive", "--ledger", ledger)
    assert redriven.returncode == 0 and "taken_out=3" in redriven.stderr, redriven.stderr
    monitor.start()
    monitor.wait_total(6, CREATED)


def test_two_databases_of_one_server_need_names_of_their_own(systems, programs, ledger):
    first, _ = systems
    staging = Source(first.server, "staging", programs)
    staging.create()
    made = run("walpulse-connector", "setup", *staging.flags(), "--admin-dsn", staging.owner_dsn,
               "--name", "mage", "--publication", "walpulse")
    assert made.returncode == 0, made.stderr
    monitor = Monitor(programs, ledger)
    first.connector(f"{monitor.url}/push")
    first.insert_runs(2)
    monitor.wait_total(2, CREATED)
    staging.connector(f"{monitor.url}/push")
    staging.insert_runs(1)
    monitor.wait_total(1, PROCESSED, outcome="refused")
    assert monitor.total(CREATED) == 2
