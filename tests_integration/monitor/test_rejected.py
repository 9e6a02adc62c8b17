"""What becomes of messages that can never be applied: kept, forwarded, and tried again on demand."""
import base64
import contextlib
import json
import pathlib
import random
import sqlite3
import time
import urllib.request

import pytest

from harness.flow import Monitor
from harness.programs import run, wait_until

pytestmark = pytest.mark.statement("rejected")


def push(monitor, text):
    body = json.dumps({"message": {"data": text, "messageId": text, "attributes": {"a": "b"}},
                       "subscription": "projects/p/subscriptions/s"}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{monitor.url}/push", body)) as answer:
        return answer.status


def test_a_rejected_message_is_forwarded_once_and_stays_for_redrive(programs, emulator, topic,
                                                                    ledger):
    name, url = topic
    emulator.create_subscription(f"{name}-rejected", name)
    monitor = Monitor(programs, ledger, "--dead-letter", url, env=emulator.environment())
    for text in ("Z29vZA==", "YmFk"):
        assert push(monitor, text) == 204
    found = []

    def forwarded():
        found.extend(emulator.pull(f"{name}-rejected"))
        return len(found) >= 2

    wait_until(forwarded, 30, lambda: f"{found}\n{monitor.program.text()}")
    assert sorted(message["attributes"]["walpulse_message_id"] for message in found) == [
        "YmFk", "Z29vZA=="]
    for message in found:
        assert message["attributes"]["a"] == "b"
        assert message["attributes"]["walpulse_rejected"]

    held = run("walpulse-monitor", "redrive", "--ledger", ledger)
    assert held.returncode == 69, "the monitor holds the file"
    assert monitor.program.stop() == 0
    for arguments in (["--dry-run"], []):
        done = run("walpulse-monitor", "redrive", "--ledger", ledger, *arguments)
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert [line["message_id"] for line in lines] == ["Z29vZA==", "YmFk"]
        assert all(line["outcome"] == "invalid" and line["stays"] for line in lines)
        assert "still_rejected=2" in done.stderr
    assert run("walpulse-monitor", "redrive", "--ledger", "sqlite:/no/such.db").returncode == 69


def test_a_message_that_fits_by_now_is_redriven_counted_once_and_gone(programs, ledger):
    """As when a newer build knows what an older one rejected: here its text is mended instead."""
    monitor = Monitor(programs, ledger)
    for text in ("Z29vZA==", "YmFk"):
        assert push(monitor, text) == 204
    assert monitor.program.stop() == 0

    run_row = {"id": 1, "created_at": "2026-11-20T10:00:00.000000Z", "pipeline_uuid": "daily",
               "status": "INITIAL", "passed_sla": False}
    event = {"op": "c", "ts_ms": int(time.time() * 1000), "before": None, "after": run_row,
             "source": {"version": "0.1.0", "connector": "postgresql", "name": "mage",
                        "ts_ms": int(time.time() * 1000), "ts_us": int(time.time() * 1e6),
                        "snapshot": "false", "db": "mage", "schema": "public",
                        "table": "pipeline_run", "txId": 7, "lsn": 100, "commit_lsn": 200,
                        "ordinal": 0, "epoch": 1763600000, "sequence": "[\"200\",\"100\"]"},
             "transaction": {"id": "7:200", "total_order": 1, "data_collection_order": 1}}
    with contextlib.closing(sqlite3.connect(ledger.removeprefix("sqlite:"))) as file, file:
        mended = file.execute("UPDATE rejected SET data = ? WHERE message_id = 'Z29vZA=='",
                              [json.dumps(event).encode()])
        assert mended.rowcount == 1

    for arguments, outcome in ((["--dry-run"], "applied"), ([], "applied"), ([], None)):
        done = run("walpulse-monitor", "redrive", "--ledger", ledger, *arguments)
        assert done.returncode == 0, done.stderr
        lines = {line["message_id"]: line for line in map(json.loads, done.stdout.splitlines())}
        assert lines["YmFk"]["stays"], "what never fits stays, however often it is tried"
        assert lines.get("Z29vZA==", {}).get("outcome") == outcome
        assert "stays" not in lines.get("Z29vZA==", {})

    monitor = Monitor(programs, ledger)
    monitor.wait_total(1, "walpulse_pipeline_run_created_count_total", pipeline="daily")
    assert monitor.program.stop() == 0


def raw_push(monitor, message_id, data):
    body = json.dumps({"message": {"data": base64.b64encode(data).decode(), "messageId": message_id},
                       "subscription": "projects/p/subscriptions/s"}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{monitor.url}/push", body)) as answer:
        assert answer.status == 204


@pytest.mark.parametrize("storage", ["sqlite", "postgres"])
def test_what_is_kept_of_rejected_messages_is_bounded(programs, request, ledger, storage):
    """Two hundred messages of 1 MB that are no events: their ledger took 146 MiB for ever."""
    if storage == "postgres":
        ledger = request.getfixturevalue("shared")[1]
    monitor = Monitor(programs, ledger)
    for n in range(200):
        raw_push(monitor, str(n), random.Random(n).randbytes(740_000))
    kept = monitor.total("walpulse_rejected_bytes")
    dropped = monitor.total("walpulse_rejected_dropped_count_total", reason="size")
    assert 48 << 20 <= kept <= 64 << 20
    assert monitor.total("walpulse_rejected_message_count") == 200 - dropped
    assert monitor.total("walpulse_event_processed_count_total", outcome="invalid") == 200
    assert "messages that had been set aside are gone" in monitor.program.text()
    assert monitor.program.stop() == 0
    if storage == "sqlite":
        assert pathlib.Path(ledger.removeprefix("sqlite:")).stat().st_size <= 80 << 20


def test_descriptors_prints_every_metric_as_it_is_created():
    done = run("walpulse-monitor", "descriptors", "--metric-prefix", "custom.googleapis.com/x")
    assert done.returncode == 0, done.stderr
    types = [json.loads(line)["type"] for line in done.stdout.splitlines()]
    assert "custom.googleapis.com/x/pipeline_run/finished_count" in types
    assert len(types) == len(set(types))
