"""An UPDATE that changes the key: the old key ends with a delete, and an insert at the same position
carries the row on and names the key that it had."""
import base64
import json
import random
import string

import pytest

from harness import metrics, replays
from harness.flow import Monitor, stdout_events

pytestmark = pytest.mark.statement("changed-keys")

IDENTITIES = {
    "default": "",
    "full": "ALTER TABLE pipeline_run REPLICA IDENTITY FULL",
    "using index": ("ALTER TABLE pipeline_run ALTER id SET NOT NULL;"
                    "CREATE UNIQUE INDEX by_id ON pipeline_run (id);"
                    "ALTER TABLE pipeline_run REPLICA IDENTITY USING INDEX by_id"),
    "wider index": ("ALTER TABLE pipeline_run ALTER status SET NOT NULL;"
                    "CREATE UNIQUE INDEX by_status ON pipeline_run (id, status);"
                    "ALTER TABLE pipeline_run REPLICA IDENTITY USING INDEX by_status"),
}


def brief(event):
    rows = {name: event[name] and {key: event[name].get(key) for key in ("id", "status")
                                   if key in event[name]} for name in ("before", "after")}
    return (event["op"], event["source"]["ordinal"], rows["before"], rows["after"],
            event.get("previous_key"))


@pytest.mark.core("key changes")
@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_changed_key_is_a_delete_and_an_insert_at_one_position(source, identity):
    for statement in filter(None, IDENTITIES[identity].split(";")):
        source.execute(statement)
    source.insert_run()
    with source.connect() as connection, connection.transaction():
        connection.execute("UPDATE pipeline_run SET status = 'RUNNING' WHERE id = 1")
        connection.execute("UPDATE pipeline_run SET id = 1000, status = 'COMPLETED' WHERE id = 1")
        connection.execute("UPDATE pipeline_run SET id = 1001 WHERE id = 1000")
        connection.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE id = 1001")
    source.insert_run(id=7, pipeline_uuid="the_last")
    events = stdout_events(source)
    full = identity in ("full", "wider index")  # of the columns that brief() shows
    initial, running, completed, failed = (
        {"id": key, "status": status} for key, status in (
            (1, "INITIAL"), (1, "RUNNING"), (1001, "COMPLETED"), (1001, "FAILED")))
    assert list(map(brief, events[1:-1])) == [
        ("u", 0, initial if full else None, running, None),
        ("d", 1, {"id": 1}, None, None),
        ("c", 1, None, {"id": 1000, "status": "COMPLETED"}, {"id": 1}),
        ("d", 2, {"id": 1000}, None, None),
        ("c", 2, None, {"id": 1001, "status": "COMPLETED"}, {"id": 1000}),
        ("u", 3, completed if full else None, failed, None)]
    assert [event["transaction"]["total_order"] for event in events[1:-1]] == [1, 2, 2, 3, 3, 4]


@pytest.mark.core("key changes")
@pytest.mark.parametrize("statement, changes", [
    ("UPDATE pipeline_run SET id = id + 100", 3),
    ("UPDATE pipeline_run SET id = -id WHERE id > 1", 2),
    ("UPDATE pipeline_run SET id = id + 50 WHERE id = 3", 1)])
def test_every_delivery_of_a_changed_key_is_the_same_bytes(source, sink, statement, changes):
    """Live, after a kill, and replayed."""
    seen = {}

    def take(message):
        attributes = {name: value for name, value in message["attributes"].items()
                      if name != "replay"}
        told = (base64.b64decode(message["data"]), attributes, message.get("orderingKey"))
        seen.setdefault(attributes["ce-id"], []).append(told)

    sink.on_change = take
    replays.anchor_of(source)
    begin = replays.end(source)
    connector = source.connector(sink.url(), env=sink.environment())
    for _ in range(3):
        source.insert_run()
    source.execute(statement)
    sink.wait_for(3 + 2 * changes, what=connector.text)
    connector.kill()
    source.insert_run()
    connector.start()
    sink.wait_for(4 + 2 * changes, what=connector.text)
    source.wait_confirmed()
    sink.check(4 + 2 * changes)
    done = replays.replay(source, "--from", begin, to=sink.url(), env=sink.environment())
    assert done.returncode == 0, done.stderr
    assert len(seen) == 4 + 2 * changes
    for event, deliveries in seen.items():
        assert len(deliveries) >= 2 and all(one == deliveries[0] for one in deliveries), event
    left = [event[:-1] for event in seen if event.endswith("d")]
    assert len(left) == changes
    for event in left:
        gone, gone_attributes, gone_key = seen[f"{event}d"][0]
        carried, attributes, key = seen[event][0]
        gone, carried = json.loads(gone), json.loads(carried)
        assert gone["before"] == carried["previous_key"]
        assert gone_attributes["ce-subject"].endswith(f"/{gone['before']['id']}")
        assert attributes["ce-subject"].endswith(f"/{carried['after']['id']}")
        assert attributes["op"] == "c" and gone_attributes["op"] == "d"


@pytest.mark.core("key changes")
@pytest.mark.parametrize("size", [2_100, 2_400, 2_600])
def test_a_long_key_that_did_not_change_is_in_the_new_row(bare_source, size):
    """It is kept beside the row, so the server does not send it again: only as the old key."""
    source = bare_source
    key = "".join(random.Random(size).choices(string.ascii_letters + string.digits, k=size))
    source.execute("CREATE TABLE wide (name text PRIMARY KEY, pipeline_uuid text, n int)")
    flags = ("--table", "wide", "--publication", "wide")
    source.setup(*flags)
    source.execute("INSERT INTO wide VALUES (%s, 'first', 1)", [key])
    source.execute("UPDATE wide SET n = 2")
    source.execute("UPDATE wide SET n = 3, name = 'short'")
    source.execute("INSERT INTO wide VALUES ('y', 'the_last', 1)")
    _, update, gone, carried, _ = stdout_events(source, *flags, label=None)
    assert update["op"] == "u" and "unchanged" not in update
    assert update["after"] == {"name": key, "pipeline_uuid": "first", "n": 2}
    assert gone["before"] == carried["previous_key"] == {"name": key}
    assert carried["after"] == {"name": "short", "pipeline_uuid": "first", "n": 3}


@pytest.mark.core("key changes")
@pytest.mark.parametrize("columns", ["id, status", "status, id", "id, status, pipeline_uuid"])
def test_a_run_under_an_identity_wider_than_its_key_is_counted(source, programs, columns):
    for column in columns.split(", "):
        source.execute(f"ALTER TABLE pipeline_run ALTER {column} SET NOT NULL")
    source.execute(f"CREATE UNIQUE INDEX wide ON pipeline_run ({columns})")
    source.execute("ALTER TABLE pipeline_run REPLICA IDENTITY USING INDEX wide")
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    source.connector(f"{monitor.url}/push")
    source.insert_run()
    source.insert_run()
    source.execute("UPDATE pipeline_run SET status = 'RUNNING', started_at = now()")
    source.execute("UPDATE pipeline_run SET status = 'COMPLETED', completed_at = now() "
                   "WHERE id = 1")
    source.wait_confirmed()
    monitor.wait_total(2, metrics.NAMES["pipeline_run/created_count"])
    monitor.wait_total(1, metrics.NAMES["pipeline_run/finished_count"], status="COMPLETED")
    monitor.wait_total(1, metrics.NAMES["pipeline_run/active"], status="RUNNING")
    monitor.wait_total(0, metrics.NAMES["pipeline_run/active"], status="COMPLETED")
