"""Watches the topic: a subscriber of its own that knows everything that was ever published."""
import contextlib
import json
import threading
from datetime import datetime

from harness.event_ids import position

OTHER_TABLES = "pipeline_schedule", "block_run"


def _run_of(message):
    body = json.loads(message["data"])
    return None if body["source"]["table"] in OTHER_TABLES else (body["after"] or body["before"] or {}).get("id")


class TopicObserver:
    """Everything that was ever on the topic, by a subscription of its own with ordering."""

    def __init__(self, emulator, subscription, epoch):
        self.emulator, self.subscription, self.epoch = emulator, subscription, epoch
        self.lock = threading.Lock()
        self.published = {}    # event id -> when it was first published, seconds
        self.runs = {}         # run id -> [(position, op, status)] in the order of first arrival
        self.steps = []        # (position, op, run id, status, pipeline, whether the key was another)
        self.repeats = 0       # events that came again
        self.replayed = 0      # that a replay published
        self.rows_read = 0     # that a snapshot published
        self.past = set()      # runs that either told of
        self.recent = []       # some of the last messages, to be delivered once more
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def count(self):
        return len(self.published)

    def some(self, count):
        with self.lock:
            return self.recent[-count:]

    def _read(self):
        while not self.ending.is_set():
            messages = []
            with contextlib.suppress(OSError):  # the emulator may be stopped, it comes back
                messages = self.emulator.pull(self.subscription)
            for message in messages:
                if message["attributes"].get("ce-type") == "walpulse.change":
                    self._note(message)
            if not messages:
                self.ending.wait(0.05)

    def _note(self, message):
        event_id = message["attributes"]["ce-id"]
        if f"/{self.epoch}/" not in event_id:
            return  # a stranger's
        with self.lock:
            self.recent = [*self.recent[-499:], message]
            if message["attributes"]["op"] == "r":
                self.rows_read += 1
                self.past.add(_run_of(message))
                return
            if message["attributes"].get("replay") == "true":
                self.replayed += 1
                self.past.add(_run_of(message))
                return  # it may be ahead of capture, which owes the event all the same
            if event_id in self.published:
                self.repeats += 1
                return
            self.published[event_id] = datetime.fromisoformat(
                message["publishTime"].replace("Z", "+00:00")).timestamp()
            body = json.loads(message["data"])
            if body["source"]["table"] in OTHER_TABLES:
                return
            row = body["after"] or body["before"] or {}
            place, status = position(event_id), row.get("status") if body["after"] else None
            self.runs.setdefault(row.get("id"), []).append((place, body["op"], status))
            self.steps.append((place, body["op"], row.get("id"), status, row.get("pipeline_uuid"),
                               "previous_key" in body))

    def stop(self):
        self.ending.set()
        self.thread.join()
