"""What becomes of messages that can never be applied: kept, forwarded, and tried again on demand."""
import json
import urllib.request

from flow import Monitor
from programs import run, wait_until


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


def test_descriptors_prints_every_metric_as_it_is_created():
    done = run("walpulse-monitor", "descriptors", "--metric-prefix", "custom.googleapis.com/x")
    assert done.returncode == 0, done.stderr
    types = [json.loads(line)["type"] for line in done.stdout.splitlines()]
    assert "custom.googleapis.com/x/pipeline_run/finished_count" in types
    assert len(types) == len(set(types))
