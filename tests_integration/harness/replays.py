"""What a test of `replay` asks for: an anchor, what capture published, and replays to lay beside it."""
import base64
import contextlib
import json
import re

from harness.flow import LABEL
from harness.programs import run

UNMARKED = {"replay"}  # the one attribute in which a replayed message differs


def anchor_of(source):
    """The anchor slot beside the live one, made here where `setup` did not; returns its name."""
    name = f"{source.slot}_anchor"
    source.server.psql(
        f"SELECT pg_copy_logical_replication_slot('{source.slot}', '{name}', false) "
        f"WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '{name}')")
    return name


def oldest(source):
    """Where the anchor stands: the first position that can be replayed."""
    return source.server.psql("SELECT confirmed_flush_lsn FROM pg_replication_slots "
                              f"WHERE slot_name = '{anchor_of(source)}'")


def end(source):
    """Where the log ends, as far as it is written."""
    return source.server.psql("SELECT pg_current_wal_lsn()")


def copies_of(source):
    """The temporary slots of the replays that run."""
    return source.server.psql("SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE "
                              f"'{source.slot}_replay_%' ORDER BY 1").split()


@contextlib.contextmanager
def no_free_slot_but(source, count):
    """All other replication slots of the server are taken meanwhile."""
    free = int(source.server.psql(
        "SELECT current_setting('max_replication_slots')::int - count(*) FROM pg_replication_slots"))
    names = [f"{source.slot}_filler_{i}" for i in range(free - count)]
    for name in names:
        source.server.psql(f"SELECT pg_create_physical_replication_slot('{name}')")
    try:
        yield
    finally:
        for name in names:
            source.server.psql(f"SELECT pg_drop_replication_slot('{name}')")


def arguments(source, *more, label=LABEL):
    return ["replay", *source.flags(), *(["--label", label] if label else []), *more]


def replay(source, *more, env=None, timeout=120, to="stdout", label=LABEL):
    """One replay to its end; returns its CompletedProcess. On stdout there are events only."""
    return run("walpulse-connector", *arguments(source, *more, "--to", to, label=label), env=env,
               timeout=timeout)


def replayed(source, *more, **options):
    """The lines of a replay that goes well."""
    done = replay(source, *more, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def event_id(line):
    event = json.loads(line)["source"]
    return (f"{event['name']}/{event['schema']}.{event['table']}/{event['epoch']}/"
            f"{event['commit_lsn']}/{event['ordinal']}")


def commit_lsn(line):
    return json.loads(line)["source"]["commit_lsn"]


def lsn(number):
    return f"{number >> 32:X}/{number & 0xffffffff:X}"


def number(text):
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


def facts(log):
    """The key=value pairs of the summary, the last line that has any."""
    line = [line for line in log.splitlines() if "transactions=" in line][-1]
    return dict(re.findall(r"(\w+)=([^\s\"]+)", line))


class Published:
    """Every message that a FaultSink takes: {event id: (body, attributes)}."""

    def __init__(self, sink):
        self.messages = {}
        self.marks = {}
        sink.on_change = self.take

    def take(self, message):
        attributes = dict(message["attributes"])
        event = attributes["ce-id"]
        self.marks.setdefault(event, []).append(attributes.get("replay"))
        body = base64.b64decode(message["data"]).decode()
        self.messages.setdefault(event, []).append(
            (body, {k: v for k, v in attributes.items() if k not in UNMARKED},
             message.get("orderingKey", "")))

    def bodies(self):
        """In the order of the log."""
        lines = [found[0][0] for found in list(self.messages.values())]  # a thread adds to it
        return sorted(lines, key=lambda line: (commit_lsn(line),
                                               json.loads(line)["source"]["ordinal"]))
