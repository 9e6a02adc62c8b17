"""Stays on the slot, as heartbeats tell them, and the proof that a log went back."""
import base64
import collections
import itertools
import json

from harness.programs import fetch, wait_until

INTRODUCTION = "walpulse.introduction"

Stay = collections.namedtuple("Stay", "instance session held_from published")


def said(messages, kind="walpulse.heartbeat"):
    """What the messages of one kind say, in the order in which they came."""
    return [json.loads(base64.b64decode(one["data"])) for one in messages
            if one["attributes"].get("ce-type") == kind]


def stays(beats):
    """{(name, table, epoch): its stays}: of each the furthest that was told."""
    found = collections.defaultdict(dict)
    for beat in beats:
        if beat["held_from"] == 0:
            continue
        of_epoch = found[beat["name"], beat["table"], beat["epoch"]]
        key = beat["instance"], beat["session"]
        known = of_epoch.get(key, Stay(*key, beat["held_from"], 0))
        assert known.held_from == beat["held_from"], (known, beat)
        of_epoch[key] = known._replace(published=max(known.published, beat["published"]))
    return {history: list(of_epoch.values()) for history, of_epoch in found.items()}


def overlaps(beats):
    """Pairs of stays that share positions: in a log that only grows there are none."""
    return [(one, other) for of_epoch in stays(beats).values()
            for one, other in itertools.combinations(of_epoch, 2)
            if max(one.held_from, other.held_from) < min(one.published, other.published)]


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
