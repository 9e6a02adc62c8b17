"""Stays on the slot never overlap in a log that only grows, whatever becomes of connectors and sinks;
and each epoch says of which history it is before its first event."""
import json
import signal
import subprocess

import pytest

from harness.flow import Source
from harness.postgres import Postgres, bin_dir
from harness.programs import fetch, run, wait_until
from harness.recoveries import identity
from harness.stays import overlaps, said, stays
from stand_ins.fault_proxy import FaultProxy
from stand_ins.fault_sink import HANG, REFUSE, SLOW, FaultSink

pytestmark = pytest.mark.statement("stays")

INTRODUCTION = "walpulse.introduction"


def recover(source, sink, *arguments):
    done = run("walpulse-connector", "recover", *source.flags(), "--admin-dsn", source.owner_dsn,
               "--to", sink.url(), "--yes", *arguments, env=sink.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def beats(*sinks):
    return [beat for sink in sinks for beat in said(sink.heartbeats)]


def deliver(source, sink, connector, count=5):
    """Runs, each in its own transaction, until they are confirmed and a heartbeat says so."""
    for _ in range(count):
        source.insert_run()
    source.wait_confirmed()
    newest = max(int(one.rsplit("/", 2)[1]) for one in sink.ids() if "/r/" not in one)
    wait_until(lambda: any(beat["published"] >= newest for beat in beats(sink)), 20,
               lambda: f"{newest} is told; {beats(sink)[-1]}\n{connector.text()}")


def holds(source, connector):
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 20, connector.text)


def is_free(source):
    wait_until(lambda: source.slot_row("active") == "f", 20, "the slot is let go of")


@pytest.fixture
def introductions(monkeypatch):
    """Of every sink: the epochs that were introduced by then, at each event's arrival."""
    known, strangers = set(), []
    take = FaultSink._take

    def watched(sink, key, messages):
        for message in messages:
            if message["attributes"].get("ce-type") == "walpulse.change":
                epoch = int(message["attributes"]["ce-id"].split("/")[2])
                if epoch not in known:
                    strangers.append(message["attributes"]["ce-id"])
            else:
                known.update(one["epoch"] for kind in ("walpulse.heartbeat", INTRODUCTION)
                             for one in said([message], kind))
        return take(sink, key, messages)

    monkeypatch.setattr(FaultSink, "_take", watched)
    return strangers


@pytest.mark.core("stays")
def test_each_session_is_a_stay_and_the_next_begins_beyond_it(source, sink):
    connector = source.connector(sink.url(), env=sink.environment())
    for end in ("kill", "stop", "terminate", "terminate"):
        holds(source, connector)
        deliver(source, sink, connector)
        if end == "terminate":
            source.server.psql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
                               f"WHERE slot_name = '{source.slot}'")
            wait_until(lambda: "trying again" in connector.text(), 20, connector.text)
        else:
            connector.kill() if end == "kill" else connector.stop()
            is_free(source)
            connector.start()
    deliver(source, sink, connector)
    (found,) = stays(beats(sink)).values()
    assert len(found) == 5 and overlaps(beats(sink)) == []
    found.sort(key=lambda stay: stay.held_from)
    for stay, following in zip(found, found[1:]):
        assert stay.held_from < stay.published < following.held_from
    first = beats(sink)[0]
    assert first["system_identifier"] == source.server.psql(
        "SELECT system_identifier FROM pg_control_system()")
    assert first["publication"] == "walpulse" and first["follows"] == []


@pytest.mark.core("stays")
def test_a_drain_ends_with_a_heartbeat_that_says_how_far_it_went(source, sink):
    connector = source.connector(sink.url(), env=sink.environment())
    holds(source, connector)
    sink.behave(SLOW)
    source.insert_runs(2_000)
    wait_until(lambda: sink.taken_count > 0, 20, connector.text, pause=0.005)
    assert connector.stop() == 0, connector.text()
    last = beats(sink)[-1]
    newest = max(int(one.rsplit("/", 2)[1]) for one in sink.ids())
    assert last["state"] == "stopping" and last["published"] == newest, last


@pytest.mark.parametrize("how", ["killed", "cut off", "stopped and continued"])
def test_a_holder_that_delivers_after_another_took_over_proves_nothing(source, sink, how):
    with FaultProxy(source.server.port) as proxy, FaultSink() as others:
        direct = source.dsn
        source.dsn = proxy.dsn(source.dsn)
        first = source.connector(sink.url(), env=sink.environment())
        holds(source, first)
        deliver(source, sink, first)
        sink.behave(HANG)
        source.insert_runs(500)
        wait_until(lambda: json.loads(fetch(f"{first.url}/health")[1])["event_count"] >= 505, 20,
                   first.text)
        if how == "stopped and continued":
            first.signal(signal.SIGSTOP)
            source.server.psql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
                               f"WHERE slot_name = '{source.slot}'")
        elif how == "cut off":
            proxy.drop()
        else:
            first.kill()
        is_free(source)
        source.dsn = direct
        second = source.connector(others.url(), env=others.environment())
        holds(source, second)
        others.wait_for(500, what=second.text)
        deliver(source, others, second)
        sink.behave("accept")
        if how == "stopped and continued":
            first.signal(signal.SIGCONT)
        if how == "killed":
            first.start()
        if how != "killed":
            sink.wait_for(505, what=first.text)
        proxy.restore()
        wait_until(lambda: "standby" in fetch(f"{first.url}/readiness")[1], 40, first.text)
        second.stop()
        holds(source, first)
        deliver(source, sink, first)
        assert overlaps(beats(sink, others)) == []
        (found,) = stays(beats(sink, others)).values()
        assert len(found) == 3, found
        assert first.running()


@pytest.mark.parametrize("behaviour", [REFUSE, 503])
def test_a_parked_sink_proves_nothing(source, sink, behaviour):
    connector = source.connector(sink.url(), "--park-after", "1s", env=sink.environment())
    for _ in range(2):
        holds(source, connector)
        deliver(source, sink, connector)
        sink.behave(behaviour)
        source.insert_runs(200)
        wait_until(lambda: fetch(f"{connector.url}/readiness")[1].startswith("parked"), 30,
                   connector.text)
        sink.behave("accept")
        source.wait_confirmed()
    deliver(source, sink, connector)
    assert overlaps(beats(sink)) == [] and len(*stays(beats(sink)).values()) == 3


@pytest.mark.core("stays")
def test_recover_behind_a_killed_connector_begins_an_epoch_that_follows(source, sink,
                                                                        introductions):
    connector = source.connector(sink.url(), env=sink.environment())
    deliver(source, sink, connector)
    epochs = [source.epoch]
    for _ in range(2):
        connector.kill()
        is_free(source)
        recover(source, sink)
        assert identity(source)["follows"] == epochs
        epochs.append(identity(source)["epoch"])
        connector.start()
        holds(source, connector)
        deliver(source, sink, connector)
    assert [beat["follows"] for beat in beats(sink) if beat["epoch"] == epochs[-1]][0] == epochs[:-1]
    assert [one["follows"] for one in said(sink.heartbeats, INTRODUCTION)] == [
        epochs[:1], epochs[:2]]
    assert overlaps(beats(sink)) == [] and introductions == []
    assert len(stays(beats(sink))) == 3


def test_recover_while_the_old_connector_still_delivers_proves_nothing(source, sink,
                                                                       introductions):
    with FaultProxy(source.server.port) as proxy, FaultSink() as new:
        direct, source.dsn = source.dsn, proxy.dsn(source.dsn)
        connector = source.connector(sink.url(), env=sink.environment())
        holds(source, connector)
        deliver(source, sink, connector)
        sink.behave(HANG)
        source.insert_runs(500)
        wait_until(lambda: sink.requests > 0, 20, connector.text)
        proxy.drop()
        is_free(source)
        source.dsn = direct
        recover(source, new)
        sink.behave("accept")
        proxy.restore()
        holds(source, connector)
        deliver(source, sink, connector)
        assert overlaps(beats(sink, new)) == [] and introductions == []
        assert connector.running() and len(stays(beats(sink))) == 2


@pytest.mark.core("stays")
def test_the_dbas_script_keeps_the_epochs_that_it_replaces(source, sink):
    script = run("walpulse-connector", "recover", *source.flags(), "--print-sql").stdout
    epochs = [source.epoch]
    for _ in range(18):
        source.server.psql(script, source.name)
        assert identity(source)["follows"] == epochs[-16:]
        epochs.append(identity(source)["epoch"])
    drop = "DROP PUBLICATION walpulse"
    source.server.psql(drop, source.name)
    source.server.psql(script, source.name)
    assert identity(source)["follows"] == []
    source.server.psql(drop, source.name)
    script = run("walpulse-connector", "recover", *source.flags(), "--print-sql", "--epoch-above",
                 epochs[-1] + 50).stdout
    source.server.psql(script, source.name)
    assert identity(source)["follows"] == [epochs[-1] + 50]


@pytest.mark.core("stays")
def test_teardown_and_setup_begin_another_history_of_the_same_publication(source, sink,
                                                                          introductions):
    connector = source.connector(sink.url(), env=sink.environment())
    deliver(source, sink, connector)
    assert connector.stop() == 0
    gone = run("walpulse-connector", "teardown", *source.flags(), "--admin-dsn", source.owner_dsn,
               "--yes")
    assert gone.returncode == 0, gone.stderr
    source.setup()
    connector.start()
    holds(source, connector)
    deliver(source, sink, connector)
    told = {(beat["system_identifier"], beat["publication"]) for beat in beats(sink)}
    assert len(told) == 1 and len(stays(beats(sink))) == 2
    assert overlaps(beats(sink)) == [] and introductions == []


def test_a_dump_that_is_restored_elsewhere_goes_on_as_a_history_that_follows(source, sink,
                                                                             programs,
                                                                             introductions):
    connector = source.connector(sink.url(), env=sink.environment())
    deliver(source, sink, connector)
    assert connector.stop() == 0
    old = source.epoch
    with Postgres() as other:
        other.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        restored = Source(other, source.name, programs)
        other.psql(f"CREATE DATABASE {source.name} OWNER mage")
        dump = subprocess.run([bin_dir() / "pg_dump", source.server.dsn(source.name)], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        other.psql(dump, source.name)
        refused = run("walpulse-connector", "run", *restored.flags(), "--to", sink.url(),
                      env=sink.environment())
        assert refused.returncode == 3 and "another system" in refused.stdout, refused.stdout
        recover(restored, sink)
        assert identity(restored)["follows"] == [old] and identity(restored)["name"] == source.name
        connector = restored.connector(sink.url(), env=sink.environment())
        holds(restored, connector)
        deliver(restored, sink, connector)
        systems = {beat["epoch"]: beat["system_identifier"] for beat in beats(sink)}
        assert len(set(systems.values())) == 2 and len(systems) == 2, systems
        (introduction,) = said(sink.heartbeats, INTRODUCTION)
        assert introduction["follows"] == [old]
        assert overlaps(beats(sink)) == [] and introductions == []
        programs.kill_all()


def test_replay_and_snapshot_introduce_the_epoch_first(source, sink, introductions):
    for _ in range(20):
        source.insert_run()
    anchor = source.server.psql("SELECT confirmed_flush_lsn FROM pg_replication_slots "
                                f"WHERE slot_name = '{source.slot}_anchor'")
    for command in (["replay", "--from", anchor], ["snapshot"]):
        done = run("walpulse-connector", *command, *source.flags(), "--to", sink.url(),
                   env=sink.environment())
        assert done.returncode == 0, done.stderr
    told = said(sink.heartbeats, INTRODUCTION)
    assert [one["epoch"] for one in told] == [source.epoch] * 2
    assert told[0]["table"] == "public.pipeline_run" and told[0]["publication"] == "walpulse"
    assert introductions == []


@pytest.mark.core("stays")
def test_two_connectors_for_two_tables_are_two_histories(source, sink, introductions):
    flags = ["--table", "block_run", "--slot", f"{source.slot}_blocks", "--publication", "blocks"]
    done = run("walpulse-connector", "setup", "--dsn", source.dsn, "--admin-dsn", source.owner_dsn,
               *flags)
    assert done.returncode == 0, done.stderr
    runs = source.connector(sink.url(), env=sink.environment())
    blocks = source.programs.start(
        "walpulse-connector", "run", "--dsn", source.dsn, *flags, "--to", sink.url(), "--heartbeat",
        "1s", "--http-address", "127.0.0.1", "--http-port", "0", "--log-format", "json",
        env=sink.environment())
    for end in ("kill", "stop"):
        for _ in range(5):
            source.insert_run()
            source.execute("INSERT INTO block_run (block_uuid) VALUES ('load')")
        source.wait_confirmed()
        wait_until(lambda: len(sink.ids()) == source.change_count() + source.execute(
            "SELECT count(*) FROM block_run")[0][0], 20, blocks.text)
        for one in (runs, blocks):
            getattr(one, end)()
            one.start()
    deliver(source, sink, runs)
    assert {table for _, table, _ in stays(beats(sink))} == {"public.pipeline_run",
                                                             "public.block_run"}
    assert overlaps(beats(sink)) == [] and introductions == []
    assert runs.running() and blocks.running()


@pytest.mark.core("stays")
@pytest.mark.parametrize("by_script", [False, True])
def test_a_second_capture_of_a_table_needs_a_name_of_its_own(source, by_script):
    flags = ["--dsn", source.dsn, "--slot", f"{source.slot}_2", "--publication", "walpulse2"]

    def setup(*more, flags=tuple(flags)):
        if not by_script:
            done = run("walpulse-connector", "setup", *flags, "--admin-dsn", source.owner_dsn, *more)
            return done.returncode, done.stderr
        script = run("walpulse-connector", "setup", *flags, "--print-sql", *more).stdout
        try:
            return 0, source.server.psql(script, source.name)
        except RuntimeError as refused:
            return 1, str(refused)

    def made():
        return source.server.psql("SELECT count(*) FROM pg_publication", source.name)

    for again in ((), ("--name", source.name)):
        code, text = setup(*again)
        assert code == 1 and "--name" in text and made() == "1", text
    assert setup("--name", "second")[0] == 0
    assert identity(source, "walpulse2")["name"] == "second" and made() == "2"
    for again in ((), ("--name", "second")):  # setting up again changes nothing
        assert setup(*again)[0] == 0
        assert setup(*again, flags=tuple(source.flags()))[0] == 0


@pytest.mark.parametrize("by_script", [False, True])
def test_a_databases_name_that_cannot_name_a_source_asks_for_one(server, by_script):
    for name in ("my mage", "100%mage", "mage/prod"):
        server.psql(f'CREATE DATABASE "{name}" OWNER mage')
        quoted = f"'{name}'"
        server.psql("CREATE TABLE pipeline_run (id serial PRIMARY KEY)", quoted)
        dsn = server.dsn(quoted)
        slot = "odd_" + str(sum(name.encode()))

        def setup(*more):
            flags = ["--dsn", dsn, "--slot", slot, *more]
            if not by_script:
                done = run("walpulse-connector", "setup", *flags)
                return done.returncode, done.stderr
            script = run("walpulse-connector", "setup", *flags, "--print-sql").stdout
            try:
                return 0, server.psql(script, quoted)
            except RuntimeError as refused:
                return 1, str(refused)

        code, text = setup()
        assert code == 1 and "--name" in text, text
        code, text = setup("--name", "mage_prod")
        assert code == 0, text
        server.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                    f"WHERE slot_name LIKE '{slot}%'")
        server.psql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.statement("S29")
@pytest.mark.core("stays")
@pytest.mark.parametrize("between", [0, 1, 3])
def test_a_disk_that_is_put_back_makes_two_stays_overlap(programs, sink, between):
    """Also with more stays on either side."""
    with Postgres() as server:
        server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        source = Source(server, "mage", programs)
        source.create()
        source.setup()
        connector = source.connector(sink.url(), env=sink.environment())
        deliver(source, sink, connector)
        assert connector.stop() == 0
        server.shut()
        server.copy(server.data, server.folder / "copy")
        server.start()
        for _ in range(between + 1):
            connector.start()
            holds(source, connector)
            deliver(source, sink, connector, 20)
            assert connector.stop() == 0
        assert overlaps(beats(sink)) == []
        server.shut()
        server.copy(server.folder / "copy", server.data)
        server.start()
        before = len(sink.heartbeats)
        connector.start()
        holds(source, connector)
        with source.connect() as connection:
            for _ in range(30 * (between + 1)):
                connection.execute("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla) "
                                   "VALUES ('other_life', 'INITIAL', false)")
        wait_until(lambda: overlaps(beats(sink)), 20,
                   lambda: f"an overlap: {stays(beats(sink))}\n{connector.text()}")
        assert len(sink.heartbeats) > before
        assert connector.stop() == 0
        programs.kill_all()
