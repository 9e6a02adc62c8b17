"""From PostgreSQL 17 on a slot that a standby keeps survives the standby's promotion. The stream
goes on, on the new timeline, in the same epoch: nothing is lost, and what comes twice is the same."""
import json

import pytest

from harness.flow import Source
from harness.postgres import Postgres, Standby
from harness.programs import fetch, run, wait_until
from harness.stays import overlaps, said, stays
from stand_ins.fault_proxy import FaultProxy

pytestmark = [pytest.mark.core("failover"), pytest.mark.since(17),
              pytest.mark.statement("S18")]


@pytest.fixture
def primary():
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


@pytest.fixture
def kept(primary, programs):
    """A source whose slot a standby keeps: (source, standby)."""
    source = Source(primary, "mage", programs)
    source.create()
    assert "failover" in source.setup()
    with Standby(primary, keeps_slots=True, database="mage",
                 on_primary={"synchronized_standby_slots": Standby.PHYSICAL_SLOT}) as standby:
        yield source, standby
        programs.kill_all()


def check(dsn, name="failover"):
    """What doctor finds of one thing: (level, finding)."""
    report = json.loads(run("walpulse-connector", "doctor", "--dsn", dsn, "--slot", "mage",
                            "--json").stdout)
    return next((one["level"], one["finding"]) for one in report["checks"] if one["name"] == name)


def status(source):
    return json.loads(run("walpulse-connector", "status", *source.flags(), "--json").stdout)


def caught_up(source, standby):
    """Until the standby's copy is there for good: before it has caught up it is a temporary one. It
    follows what the connector confirms."""
    def keeps():
        source.insert_run()
        standby.psql("SELECT pg_reload_conf()")  # wakes whoever keeps the copy from a long nap
        return standby.psql("SELECT synced AND NOT temporary FROM pg_replication_slots "
                            "WHERE slot_name = 'mage'") == "t"

    wait_until(keeps, 60, standby.log, pause=0.5)


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_a_slot_that_a_standby_keeps_survives_its_promotion(kept, primary, sink, mode):
    source, standby = kept
    with FaultProxy(primary.port) as proxy:
        source.dsn = proxy.dsn(source.dsn)
        connector = source.connector(sink.url(), env=sink.environment())
        source.insert_runs(200)
        sink.wait_for(200, what=connector.text)

        caught_up(source, standby)
        before = status(source)
        assert before["failover"] is True and before["state"] == "streaming"
        assert check(source.dsn)[0] == "ok" and "standby" in check(source.dsn)[1]
        assert check(standby.dsn("mage", "walpulse"))[0] == "ok"

        source.insert_runs(3_000)
        sink.wait_for(sink.taken_count + 1, what=connector.text)  # in the middle
        primary.shut(mode)
        proxy.target = (proxy.target[0], standby.port)
        proxy.reset()
        standby.promote()
        source.server, source.owner_dsn = standby, standby.dsn("mage", "mage")
        source.insert_runs(200)
        sink.wait_for(source.change_count(), 60, connector.text)
        source.wait_confirmed()
        after = status(source)
        assert after["state"] == "streaming" and after["epoch"] == before["epoch"]
        assert "created  anchor" in source.setup(), "the anchor stayed behind: a new window begins"
    assert connector.running()
    sink.check(source.change_count())
    assert {one.rsplit("/", 3)[1] for one in sink.ids()} == {str(before["epoch"])}
    assert "timeline=2" in connector.text()
    assert overlaps(said(sink.heartbeats)) == [] and len(*stays(said(sink.heartbeats)).values()) == 2


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_standby_that_lacks_only_what_was_not_published_is_no_gap_and_proves_nothing(
        primary, programs, sink, goes_on):
    """The same connector or another one. What the promoted standby never heard of may have been
    handed on by then, but nobody has got it."""
    source = Source(primary, "mage", programs)
    source.create()
    source.setup()
    with Standby(primary, keeps_slots=True, database="mage") as standby, FaultProxy(
            primary.port) as proxy:
        source.dsn = proxy.dsn(source.dsn)
        connector = source.connector(sink.url(), env=sink.environment())
        caught_up(source, standby)
        source.insert_runs(100)
        sink.wait_for(source.change_count(), what=connector.text)
        count = source.change_count()
        newest = source.end_of_log()
        wait_until(lambda: standby.psql(f"SELECT pg_last_wal_replay_lsn() >= '{newest}'") == "t", 20,
                   standby.log)
        standby.shut()
        sink.behave("hang")
        if not goes_on:
            source.insert_runs(100)  # in flight, and known to nobody
            before = sink.requests
            wait_until(lambda: sink.requests > before, 20, connector.text)
        source.execute("CREATE TABLE noise AS SELECT generate_series(1, 50000)")
        if not goes_on:
            connector.kill()
        primary.shut("immediate")
        standby.start()
        standby.promote()
        source.server, source.owner_dsn = standby, standby.dsn("mage", "mage")
        proxy.target = (proxy.target[0], standby.port)
        proxy.reset()
        sink.behave("accept")
        if not goes_on:
            connector.start()
        wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 40, connector.text)
        source.insert_runs(200)
        source.wait_confirmed()
        sink.check(count + 200)
        end = max(int(one.rsplit("/", 2)[1]) for one in sink.ids())
        wait_until(lambda: said(sink.heartbeats)[-1]["published"] == end, 20, connector.text)
        assert overlaps(said(sink.heartbeats)) == [], stays(said(sink.heartbeats))
        assert connector.running()
        programs.kill_all()


def test_a_standby_that_had_fallen_behind_what_was_published_is_a_gap(primary, programs, sink):
    """Nothing waits for it: synchronized_standby_slots is empty. Other transactions may commit at
    the positions that the published events have."""
    source = Source(primary, "mage", programs)
    source.create()
    source.setup()
    with Standby(primary, keeps_slots=True, database="mage") as standby, FaultProxy(
            primary.port) as proxy:
        source.dsn = proxy.dsn(source.dsn)
        connector = source.connector(sink.url(), env=sink.environment())
        caught_up(source, standby)
        assert check(source.dsn)[0] == "warn" and "never heard of" in check(source.dsn)[1]
        standby.shut()
        source.insert_run()
        source.wait_confirmed()
        primary.shut("immediate")
        standby.start()
        standby.promote()
        proxy.target = (proxy.target[0], standby.port)
        assert connector.wait(40) == 3, connector.text()
        assert "fallen behind" in connector.text() and "recover" in connector.text()
        programs.kill_all()


def test_a_standby_that_is_awaited_and_away_is_named_by_doctor(kept, primary):
    source, standby = kept
    standby.shut()
    level, finding = wait_until(lambda: (found := check(source.dsn))[0] == "fail" and found, 20,
                                lambda: check(source.dsn))
    assert "stands still" in finding and Standby.PHYSICAL_SLOT in finding
