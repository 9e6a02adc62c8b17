"""What deploy/consumers.md says of other readers, with these readers themselves."""
import base64
import datetime
import json
import pathlib

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from harness import flink
from harness.flow import stdout_events
from harness.jvm import java
from harness.programs import run, wait_until
from stand_ins.fault_sink import FaultSink

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GOLDEN = sorted((ROOT / "tests/decoder/schema/golden").glob("*.json"))
PAGE = (ROOT / "deploy/consumers.md").read_text()


def passes_filter(event):
    """The page's subscription filter, as Pub/Sub reads it."""
    assert '`attributes:op AND NOT attributes.op = "t"`' in PAGE
    return event.get("op") not in (None, "t")


def texts(row):
    """The values of a row as Flink's STRING has them."""
    return row and {name: value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"))
                    for name, value in row.items()}


def expected(event):
    """What a table of all columns is changed by; None where Flink refuses the event."""
    before, after = texts(event["before"]), texts(event["after"])
    if event["op"] in "cr":
        return [("+I", after)]
    if event["op"] == "d":
        return [("-D", before)]
    return before and [("-U", before), ("+U", after)]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_flink_reads_each_event_that_the_filter_passes(path):
    event = json.loads(path.read_text())
    columns = dict.fromkeys([*(event.get("before") or {}), *(event.get("after") or {})] or ["id"], "STRING")
    reader = flink.DebeziumJson(columns)
    wanted = passes_filter(event) and expected(event)
    if not wanted:
        with pytest.raises(flink.Refused, match="REPLICA IDENTITY" if passes_filter(event) else None):
            reader.read(path.read_bytes())
        assert flink.DebeziumJson(columns, ignore_parse_errors=True).read(path.read_bytes()) == [], \
            "the page warns of it: an update is left out without a word"
        return
    assert reader.read(path.read_bytes()) == [
        (kind, {name: row.get(name) for name in columns}) for kind, row in wanted]


# What the page's table of types says: the column of a golden event, its type in Flink, and what Flink makes of it.
TYPES = [
    ("insert", "id", "BIGINT", "812"), ("insert", "passed_sla", "BOOLEAN", "false"),
    ("insert", "created_at", ("TIMESTAMP_LTZ", 6), "2025-11-20T21:45:30.101200"),
    ("timestamptz", "east", ("TIMESTAMP_LTZ", 6), "2025-01-01T21:34:05.500"),
    ("numeric", "digits_38", ("DECIMAL", 38, 9), "12345678901234567890123456789.012345678"),
    ("numeric", "scale", ("DECIMAL", 10, 2), "1.10"), ("floats", "third", "DOUBLE", "0.3333333333333333"),
    ("floats", "nan", "DOUBLE", "NaN"), ("json", "variables", "STRING", '{"partner" : "acme",  "n":1.10}'),
    ("enum", "status", "STRING", "COMPLETED"), ("bytea", "bytes", "STRING", "\\xdeadbeef00"),
    ("not_utf8", "latin1", "STRING", '{"base64":"R3L832U="}'), ("array", "tags", "STRING", '{a,"b c",NULL,"q\\"x"}')]
# What the page says that Flink refuses.
REFUSED = [("insert", "created_at", ("TIMESTAMP", 6)), ("timestamptz", "infinity", ("TIMESTAMP_LTZ", 6)),
           ("timestamptz", "late", ("TIMESTAMP_LTZ", 6)), ("numeric", "nan", ("DECIMAL", 10, 2)), ("bytea", "bytes", "BYTES")]


def golden(name):
    return (ROOT / f"tests/decoder/schema/golden/{name}.json").read_bytes()


@pytest.mark.parametrize("name, column, kind, wanted", TYPES)
def test_flink_reads_the_types_as_the_page_says(name, column, kind, wanted):
    assert f"`{kind if isinstance(kind, str) else kind[0]}" in PAGE
    assert flink.DebeziumJson({column: kind}).read(golden(name)) == [("+I", {column: wanted})]


@pytest.mark.parametrize("name, column, kind", REFUSED)
def test_flink_refuses_the_types_that_the_page_warns_of(name, column, kind):
    with pytest.raises(flink.Refused):
        flink.DebeziumJson({column: kind}).read(golden(name))
    assert flink.DebeziumJson({column: "STRING"}).read(golden(name))


def test_flink_takes_back_what_it_never_had_where_only_an_index_is_in_before():
    columns = dict.fromkeys(("id", "pipeline_uuid", "status"), "STRING")
    (kind, row), _ = flink.DebeziumJson(columns).read(golden("key_only_before"))
    assert (kind, row) == ("-U", {"id": "811", "pipeline_uuid": None, "status": None}) and "`USING INDEX` is not enough" in PAGE


def test_flinks_own_format_of_instants_is_refused():
    with pytest.raises(flink.Refused):
        flink.DebeziumJson({"created_at": ("TIMESTAMP_LTZ", 6)}, timestamp_format="SQL").read(golden("insert"))
    assert "'debezium-json.timestamp-format.standard' = 'ISO-8601'" in PAGE


def test_flinks_table_is_mages_table(source):
    """With all of the old row: TOASTed values that stay, other keys, deletes, and what was there before the capture."""
    source.execute("ALTER TABLE pipeline_run REPLICA IDENTITY FULL")
    large = json.dumps({"partner": "acme", "text": "".join(f"{i * 2654435761 % 4294967296:08x}" for i in range(1200))})
    source.insert_run(pipeline_uuid="large", variables=large)
    for statement in ("UPDATE pipeline_run SET status = 'RUNNING', started_at = now()",
                      "UPDATE pipeline_run SET status = 'COMPLETED', completed_at = now()"):
        source.execute(statement)
    for pipeline in ("moves", "goes"):
        source.insert_run(pipeline_uuid=pipeline)
    source.execute("UPDATE pipeline_run SET id = 900 WHERE pipeline_uuid = 'moves'")
    source.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE pipeline_uuid = 'moves'")
    source.execute("DELETE FROM pipeline_run WHERE pipeline_uuid = 'goes'")
    source.insert_run(pipeline_uuid="the_last")
    columns = ["id", "pipeline_uuid", "status", "variables", "created_at"]
    reader, table = flink.DebeziumJson(dict.fromkeys(columns, "STRING")), {}
    for event in stdout_events(source, "--column", "variables"):
        for kind, row in reader.read(json.dumps(event).encode()):
            if kind in ("-U", "-D"):
                table.pop(row["id"])
            else:
                table[row["id"]] = row
    text = [name if name != "created_at" else
            "to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')" for name in columns]
    rows = source.execute(f"SELECT {', '.join(f'{name}::text' for name in text)} FROM pipeline_run")
    assert len(rows) == 3 and {row[0]: dict(zip(columns, row)) for row in rows} == table


@pytest.fixture(scope="module")
def reader_of_java():
    jpype = java()
    return jpype.JClass("io.cloudevents.http.HttpMessageFactory"), jpype.JClass("java.util.HashMap")


def test_the_sdks_of_cloudevents_read_every_kind_of_message(source, reader_of_java):
    """Their attributes are those that the SDKs have as an HTTP message's headers."""
    messages = []
    with FaultSink() as sink:
        sink.on_change = messages.append
        connector = source.connector(sink.url(), env=sink.environment())
        source.insert_run(pipeline_uuid="50% of été/\"sales\"", variables='{"partner": "acme"}')
        source.execute("UPDATE pipeline_run SET status = 'RUNNING'")
        source.execute("TRUNCATE pipeline_run CASCADE")
        source.insert_run()
        source.wait_confirmed()
        done = run("walpulse-connector", "snapshot", *source.flags(), "--to", sink.url(), env=sink.environment())
        assert done.returncode == 0, done.stdout + done.stderr
        kinds = {"walpulse.heartbeat", "walpulse.introduction", "walpulse.snapshot_end"}
        wait_until(lambda: {one["attributes"]["ce-type"] for one in sink.heartbeats} >= kinds, 20, connector.text)
        assert connector.stop() == 0, connector.text()
        assert {one["attributes"]["op"] for one in messages} == set("cutr")
        messages += sink.heartbeats
    factory, mapping = reader_of_java
    for message in messages:
        attributes, body = message["attributes"], base64.b64decode(message["data"])
        ours = {name: attributes[f"ce-{name}"] for name in ("specversion", "id", "source", "type", "subject")
                if f"ce-{name}" in attributes}
        event = from_http_event(HTTPMessage(headers=attributes, body=body))
        assert {name: getattr(event, f"get_{name}")() for name in ours} == ours
        assert event.get_time() == datetime.datetime.fromisoformat(attributes["ce-time"].replace("Z", "+00:00"))
        assert event.get_data() == json.loads(body) and event.get_datacontenttype() == "application/json"
        headers = mapping()
        for name, value in attributes.items():
            headers.put(name, value)
        theirs = factory.createReader(headers, body).toEvent()
        assert {name: str(getattr(theirs, {"specversion": "getSpecVersion"}.get(name, f"get{name.title()}"))())
                for name in ours} == ours
        assert bytes(theirs.getData().toBytes()) == body
