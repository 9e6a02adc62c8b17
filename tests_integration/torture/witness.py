"""Two who watch the run: one reads the topic, the other the slot."""
import contextlib
import json
import threading
import time
from datetime import datetime

import psycopg

SAMPLE_SECONDS = 0.1
CLOCK_SECONDS = 0.05  # publishTime has milliseconds; both clocks are this machine's


def position(event_id):
    """(epoch, commit_lsn, ordinal)"""
    epoch, commit_lsn, ordinal = event_id.rsplit("/", 3)[1:]
    return int(epoch), int(commit_lsn), int(ordinal.removesuffix("d"))  # d: of a changed key


class Topic:
    """Everything that was ever on the topic, by a subscription of its own with ordering."""

    def __init__(self, emulator, subscription, epoch):
        self.emulator, self.subscription, self.epoch = emulator, subscription, epoch
        self.lock = threading.Lock()
        self.published = {}    # event id -> when it was first published, seconds
        self.runs = {}         # run id -> [(position, op, status)] in the order of first arrival
        self.repeats = 0       # events that came again
        self.replayed = 0      # that a replay published
        self.rows_read = 0     # that a snapshot published
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
                return
            if message["attributes"].get("replay") == "true":
                self.replayed += 1
                return  # it may be ahead of capture, which owes the event all the same
            if event_id in self.published:
                self.repeats += 1
                return
            self.published[event_id] = datetime.fromisoformat(
                message["publishTime"].replace("Z", "+00:00")).timestamp()
            body = json.loads(message["data"])
            row = body["after"] or body["before"] or {}
            self.runs.setdefault(row.get("id"), []).append(
                (position(event_id), body["op"], row.get("status") if body["after"] else None))

    def stop(self):
        self.ending.set()
        self.thread.join()


class Slot:
    """The slot's confirmed position, sampled."""

    def __init__(self, dsn, slot):
        self.dsn, self.slot = dsn, slot
        self.samples = []      # (when it was asked, confirmed LSN)
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._sample, daemon=True)
        self.thread.start()

    def _sample(self):
        while not self.ending.is_set():
            with contextlib.suppress(psycopg.Error):  # the server is restarted now and then
                with psycopg.connect(self.dsn, autocommit=True, connect_timeout=2) as connection:
                    self._sample_on(connection)
            self.ending.wait(SAMPLE_SECONDS)

    def _sample_on(self, connection):
        while not self.ending.wait(SAMPLE_SECONDS):
            row = connection.execute(
                "SELECT confirmed_flush_lsn - '0/0' FROM pg_replication_slots "
                "WHERE slot_name = %s", [self.slot]).fetchone()
            if row and row[0] is not None:
                self.samples.append((time.time(), int(row[0])))

    def stop(self):
        self.ending.set()
        self.thread.join()

    def passed_unpublished(self, published):
        """Samples at which the slot had confirmed a commit of which an event was not yet on the
        topic: [(when, confirmed, event id, when that was published)]."""
        by_commit = sorted((position(one)[1], when, one) for one, when in published.items())
        wrong, latest, place = [], (0, ""), 0
        for when, confirmed in sorted(self.samples, key=lambda sample: sample[1]):
            while place < len(by_commit) and by_commit[place][0] < confirmed:
                latest = max(latest, by_commit[place][1:])
                place += 1
            if latest[0] > when + CLOCK_SECONDS:
                wrong.append((when, confirmed, latest[1], latest[0]))
        return wrong
