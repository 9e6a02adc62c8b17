"""An event over Pub/Sub's limits is made to fit by the documented rule, and counted. One
that Pub/Sub calls invalid stops the connector loudly; one that the monitor cannot apply is kept
among the rejected, and the rest flows on."""
import base64
import json
import sqlite3

import pytest

from harness import chaos_delivery, metrics
from harness.flow import Monitor, stdout_events
from harness.programs import fetch
from stand_ins.fault_sink import FaultSink

LONG = "é" * 3_000  # 6,000 bytes
TABLE = 'Täble "of" 63 bytes ' + "x" * 42


@pytest.fixture
def sink():
    with FaultSink() as started:
        started.messages = []  # of changes, in the order taken
        started.on_change = started.messages.append
        yield started


def event_of(message):
    return json.loads(base64.b64decode(message["data"]))


def capture(source, sink, table, columns, *arguments, label=()):
    """Starts a capture of a new table by its own publication."""
    quoted = '"' + table.replace('"', '""') + '"'
    source.execute(f"CREATE TABLE {quoted} ({columns})")
    source.execute(f"GRANT SELECT ON {quoted} TO walpulse")
    flags = ("--table", table, "--publication", "other")
    source.setup(*flags)
    labels = [part for one in label for part in ("--label", one)]
    return quoted, source.connector(sink.url(), *flags, *labels, *arguments,
                                    env=sink.environment(), label=None)


@pytest.mark.statement("S14")
def test_attributes_keys_and_names_are_cut_to_pubsubs_limits(bare_source, sink):
    source = bare_source
    labels = [f"label_{i}=variables.l{i}" for i in range(7)]
    table, connector = capture(
        source, sink, TABLE, "id text PRIMARY KEY, pipeline_uuid text, status text, variables json",
        label=labels)
    variables = json.dumps({f"l{i}": LONG for i in range(7)})
    for key in ("", "k" * 2_000, "é\n\"'/"):
        source.execute(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", [key, LONG, LONG, variables])
        source.execute(f"UPDATE {table} SET status = 'x' WHERE id = %s", [key])
    sink.wait_for(6, what=connector.text)
    source.wait_confirmed()
    sink.check(6)
    rows = [event_of(one)["after"] for one in sink.messages if event_of(one)["op"] == "c"]
    assert {row["id"] for row in rows} == {"", "k" * 2_000, "é\n\"'/"}
    assert all(row["pipeline_uuid"] == row["status"] == LONG for row in rows), "the body is whole"
    for message in sink.messages:
        assert message["orderingKey"] and len(message["orderingKey"].encode()) <= 1024
        assert len(message["attributes"]["label_0"].encode()) == 256
    keys = {}
    for message in sink.messages:
        keys.setdefault(event_of(message)["after"]["id"], set()).add(message["orderingKey"])
    assert all(len(found) == 1 for found in keys.values()), keys


@pytest.mark.statement("S14")
def test_without_ordering_keys_none_is_sent_and_all_arrives(source, sink):
    connector = source.connector(sink.url(), "--ordering-keys", 0, env=sink.environment())
    source.insert_runs(3_000)
    sink.wait_for(3_000, what=connector.text)
    source.wait_confirmed()
    assert all(not message.get("orderingKey") for message in sink.messages)
    assert len(sink.ids()) == 3_000 and sink.violations == []


@pytest.mark.statement("S14")
def test_an_oversize_event_is_cut_counted_and_holds_nothing_up(bare_source, sink):
    """The size is that of the request: base64, escapes and all."""
    source = bare_source
    table, connector = capture(source, sink, "large", "id int PRIMARY KEY, a text, b text, c text")
    for key, a, b in [(1, "x" * 7_100_000, "small"), (2, "\\\"" * 2_500_000, "x" * 1_000_000),
                      (3, "x" * 6_900_000, "x" * 90_000), (4, "small", "small")]:
        source.execute(f"INSERT INTO {table} VALUES (%s, %s, %s, 'kept')", [key, a, b])
    sink.wait_for(4, what=connector.text)
    source.wait_confirmed()
    sink.check(4)
    events = {event["after"]["id"]: event for event in map(event_of, sink.messages)}
    assert [events[key].get("dropped") for key in (1, 2, 3, 4)] == [["a"], ["a"], None, None]
    assert all(event["after"]["c"] == "kept" for event in events.values())
    served = metrics.parse(fetch(f"{connector.url}/metrics")[1])
    (dropped,) = [value for (name, _), value in served.items() if "dropped_column" in name]
    assert dropped == 2


@pytest.mark.statement("S14")
def test_an_event_whose_key_alone_is_too_large_stops_loudly_and_is_not_skipped(bare_source,
                                                                               sink):
    """Without a primary key, under REPLICA IDENTITY FULL, every column is the key."""
    source = bare_source
    table, connector = capture(source, sink, "keyless", "a text, b text")
    source.execute(f"ALTER TABLE {table} REPLICA IDENTITY FULL")
    source.execute(f"INSERT INTO {table} VALUES ('x', 'before')")
    sink.wait_for(1, what=connector.text)
    source.execute(f"INSERT INTO {table} VALUES (%s, 'large')", ["x" * 12_000_000])
    lsn = source.end_of_log()
    assert connector.wait(30) == 1
    assert "bytes even without its non-key columns" in connector.text()
    assert not source.confirmed(lsn)


@pytest.mark.statement("S15")
def test_what_pubsub_calls_invalid_stops_the_connector_and_the_slot_stays(source, sink):
    sink.invalid = lambda message: message["attributes"].get("pipeline_uuid") == "poison"
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    source.insert_run(pipeline_uuid="poison")
    lsn = source.end_of_log()
    source.insert_run()
    assert connector.wait(30) == 1, "nobody would notice a connector that goes on"
    assert "400" in connector.text() and "invalid" in connector.text()
    assert not source.confirmed(lsn)
    for _ in range(2):
        connector.start()
        assert connector.wait(30) == 1 and not source.confirmed(lsn)
    sink.invalid = None
    connector.start()
    sink.wait_for(3, what=connector.text)
    source.wait_confirmed()
    sink.check(3)


@pytest.mark.statement("S15")
def test_what_the_monitor_cannot_apply_is_kept_with_its_reason_and_the_rest_flows_on(
        source, programs, ledger):
    monitor = Monitor(programs, ledger, "--export", "prometheus")
    source.insert_run(pipeline_uuid="the_last")
    (event,) = stdout_events(source)
    broken = {**event, "source": {**event["source"], "commit_lsn": "no number"}}
    bodies = [(json.dumps(event), "1"), (json.dumps(broken), "2"), ('{"op":"c"', "3"), ("", "4")]
    attributes = {"ce-type": "walpulse.change", "schema_version": "1"}
    for data, number in bodies:
        message = {"data": data.encode(), "attributes": attributes, "messageId": number}
        for _ in range(2):  # and once more, as Pub/Sub may
            assert chaos_delivery.push(f"{monitor.url}/push",
                                       chaos_delivery.envelope(message)) in (200, 204)
    source.connector(f"{monitor.url}/push")
    source.insert_run()
    monitor.wait_equal(source)
    assert fetch(f"{monitor.url}/readiness")[0] == 200
    monitor.wait_total(6, "walpulse_event_processed_count_total", outcome="invalid")
    assert monitor.program.stop() == 0
    with sqlite3.connect(ledger.removeprefix("sqlite:")) as database:
        rejected = database.execute("SELECT message_id, reason, data FROM rejected ORDER BY 1")
        rows = rejected.fetchall()
    assert [row[0] for row in rows] == ["2", "3", "4"]
    assert all(reason for _, reason, _ in rows) and rows[0][2] == json.dumps(broken).encode()
