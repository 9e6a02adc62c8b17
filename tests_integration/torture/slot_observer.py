"""Watches the slot, and says whether it confirmed anything that was not published."""
import contextlib
import threading
import time

import psycopg

from harness.event_ids import position

SAMPLE_SECONDS = 0.1
CLOCK_SECONDS = 0.05  # publishTime has milliseconds; both clocks are this machine's


class SlotObserver:
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
