"""`run --to stdout`: what a newcomer sees first. The events are the contract, the slot stays."""
import json
import re
import shlex
import subprocess

import pytest

from harness import postgres
from harness.flow import Monitor, stdout_events
from harness.postgres import free_port
from harness.programs import bin_dir, fetch, run, wait_until

ENVELOPE = ["op", "ts_ms", "before", "after", "source", "transaction", "labels"]
SOURCE = ["version", "connector", "name", "ts_ms", "ts_us", "snapshot", "db", "schema", "table",
          "txId", "lsn", "commit_lsn", "ordinal", "epoch", "sequence"]


def test_stdout_prints_debezium_envelopes_and_leaves_the_slot_where_it_was(source):
    before = source.slot_row("confirmed_flush_lsn, restart_lsn")
    run_id = source.insert_run(pipeline_uuid="the_last", variables='{"partner": "acme"}')
    (event,) = stdout_events(source)
    assert list(event) == ENVELOPE
    assert list(event["source"]) == SOURCE
    assert event["op"] == "c" and event["before"] is None
    assert event["after"]["id"] == run_id and event["after"]["status"] == "INITIAL"
    assert event["after"]["passed_sla"] is False and event["after"]["started_at"] is None
    assert "variables" not in event["after"], "JSON columns stay home by default"
    assert event["labels"] == {"partner": "acme"}
    origin = event["source"]
    assert (origin["connector"], origin["name"], origin["db"]) == ("postgresql", source.name,
                                                                   source.name)
    assert (origin["schema"], origin["table"]) == ("public", "pipeline_run")
    assert origin["ordinal"] == 0 and origin["snapshot"] == "false"
    assert origin["sequence"] == json.dumps([str(origin["commit_lsn"]), str(origin["lsn"])],
                                            separators=(",", ":"))
    assert event["transaction"] == {"id": f"{origin['txId']}:{origin['commit_lsn']}",
                                    "total_order": 1, "data_collection_order": 1}
    assert event["ts_ms"] == origin["ts_ms"] == origin["ts_us"] // 1000
    assert source.slot_row("confirmed_flush_lsn, restart_lsn") == before
    assert source.server.psql("SELECT count(*) FROM pg_replication_slots WHERE database = "
                              f"'{source.name}'") == "2", "beside slot and anchor"


@pytest.mark.parametrize("more", ["", " replication=database"])
def test_stdout_at_a_dead_port_is_unavailable(more):
    done = run("walpulse-connector", "run", "--to", "stdout", "--dsn",
               f"host=127.0.0.1 port={free_port()} dbname=mage user=walpulse{more}")
    assert done.returncode == 69 and done.stdout == "", done.stderr


def test_a_dsn_that_asks_for_replication_serves_all_the_same(source):
    source.insert_run(pipeline_uuid="the_last")
    done = run("walpulse-connector", "status", "--dsn", source.dsn + " replication=database", "--slot", source.slot)
    assert done.returncode == 0, done.stderr
    source.dsn += " replication=on"
    assert len(stdout_events(source)) == 1


def test_stdout_twice_prints_the_same_bytes_and_jq_reads_them(source):
    source.simulate("--runs", 20, "--rate", 0)
    source.insert_run(pipeline_uuid="the_last")
    first, second = stdout_events(source), stdout_events(source)
    assert first == second and len(first) > 40
    jq = subprocess.run(["jq", "-c", ".op"], input="\n".join(map(json.dumps, first)), text=True,
                        capture_output=True)
    assert jq.returncode == 0 and len(jq.stdout.splitlines()) == len(first)


def test_stdout_with_confirm_consumes_the_slot(source):
    source.insert_run(pipeline_uuid="the_last")
    lsn = source.end_of_log()
    assert stdout_events(source, "--confirm")
    assert source.confirmed(lsn)


def test_stdout_is_events_only_and_its_log_goes_to_stderr(source):
    source.insert_run()
    process = subprocess.Popen(
        ["timeout", "-s", "TERM", "3", *connector_command(source, "stdout")], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, log = process.communicate(timeout=20)
    assert [json.loads(line)["op"] for line in out.splitlines()] == ["c"]
    assert "streaming" in log


def connector_command(source, to):
    return [str(bin_dir() / "walpulse-connector"), "run", *source.flags(), "--to", to,
            "--http-port", str(free_port())]


def test_head_that_has_seen_enough_ends_it_quietly(source):
    for _ in range(3):
        source.insert_run()
    before = source.slot_row("confirmed_flush_lsn, restart_lsn")
    command = shlex.join(connector_command(source, "stdout"))
    done = subprocess.run(["bash", "-c", f"{command} | head -1; exit ${{PIPESTATUS[0]}}"], text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["op"] for line in done.stdout.splitlines()] == ["c"]
    assert not re.search("WARN|ERROR|warn|error", done.stderr), done.stderr
    assert source.slot_row("confirmed_flush_lsn, restart_lsn") == before


def test_stdout_and_a_running_capture_do_not_disturb_each_other(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    connector = source.connector(f"{monitor.url}/push")
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 15, "the capture streams")
    looker = programs.start("walpulse-connector", "run", *source.flags(), "--to", "stdout",
                            "--http-port", 0)
    wait_until(lambda: "streaming" in looker.text() or not looker.running(), 15, looker.text)
    source.insert_run(pipeline_uuid="the_last")
    wait_until(lambda: "the_last" in looker.text(), 15, looker.text)
    monitor.wait_equal(source)


@pytest.mark.core("commands")
def test_setup_twice_changes_nothing_and_says_so(source):
    before = source.slot_row("confirmed_flush_lsn, restart_lsn, plugin")
    comment = "SELECT obj_description(oid, 'pg_publication') FROM pg_publication"
    identity = source.execute(comment)
    source.setup()
    assert source.slot_row("confirmed_flush_lsn, restart_lsn, plugin") == before
    assert source.execute(comment) == identity
    assert json.loads(identity[0][0])["name"] == source.name


@pytest.mark.core("commands")
def test_status_names_the_slot_and_its_lag(source):
    done = run("walpulse-connector", "status", *source.flags(), "--json")
    assert done.returncode == 0, done.stderr
    assert source.slot in done.stdout and json.loads(done.stdout)


@pytest.mark.core("commands")
def test_teardown_leaves_nothing_and_setup_works_again(source):
    done = run("walpulse-connector", "teardown", *source.flags(), "--admin-dsn", source.owner_dsn,
               "--yes")
    assert done.returncode == 0, done.stderr
    assert source.slot_row() == ""
    assert source.execute("SELECT count(*) FROM pg_publication")[0][0] == 0
    source.setup()
    assert source.slot_row() != ""


@pytest.mark.core("commands")
def test_the_script_for_a_dba_sets_up_what_setup_would(bare_source, server):
    source = bare_source
    done = run("walpulse-connector", "setup", *source.flags(), "--print-sql")
    assert done.returncode == 0, done.stderr
    for _ in range(2):  # safe to repeat
        server.psql(done.stdout, source.name)
    assert "nothing changed" in source.setup()
    status = run("walpulse-connector", "status", *source.flags(), "--json")
    assert json.loads(status.stdout)["failover"] == (True if postgres.major() >= 17 else None)
    source.insert_run(pipeline_uuid="the_last")
    assert len(stdout_events(source)) == 1
