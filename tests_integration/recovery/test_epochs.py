"""Each epoch says of which history it is, before its first event; what it follows is kept."""
import subprocess

import pytest

from harness.flow import Source
from harness.postgres import Postgres, bin_dir
from harness.programs import run, wait_until
from harness.recoveries import identity
from harness.stays import INTRODUCTION, beats, deliver, holds, is_free, overlaps, said, stays
from stand_ins.fault_proxy import FaultProxy
from stand_ins.fault_sink import HANG, FaultSink

pytestmark = pytest.mark.statement("epochs")


def recover(source, sink, *arguments):
    done = run("walpulse-connector", "recover", *source.flags(), "--admin-dsn", source.owner_dsn,
               "--to", sink.url(), "--yes", *arguments, env=sink.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    return done


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
