"""What the slot had confirmed at which moment, laid beside what a FaultSink acknowledged when."""
import bisect
import threading
import time

import psycopg

from harness.event_ids import position

SLOT = "SELECT (confirmed_flush_lsn - '0/0')::bigint FROM pg_replication_slots WHERE slot_name = %s"


class Confirmations:
    """Samples the slot's confirmed position for as long as it is open, through restarts of the
    server too. Nothing may be confirmed that was not acknowledged before: check() says so."""

    def __init__(self, source, pause=0.01):
        self.dsn = source.server.dsn(source.name)
        self.slot, self.pause = source.slot, pause
        self.samples = []  # (time.monotonic() after the answer, LSN as a number), where it moved
        self.count = 0
        self._begun, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._stop.is_set():
            try:
                with psycopg.connect(self.dsn, autocommit=True, connect_timeout=5) as connection:
                    is_last = False
                    while not is_last:  # one sample more after the end was asked for
                        is_last = self._stop.wait(self.pause)
                        self._sample(connection.execute(SLOT, [self.slot]).fetchone())
            except psycopg.Error:
                self._stop.wait(0.1)  # the server is away

    def _sample(self, row):
        self.count += 1
        self._begun.set()
        if row and (not self.samples or self.samples[-1][1] != row[0]):
            self.samples.append((time.monotonic(), row[0]))

    def early(self, sink):
        """(event, position confirmed) wherever one was confirmed that no answer had acknowledged.
        A confirmed position is the end of a commit, or a keepalive's: it lies beyond the commits
        that it covers."""
        with sink.lock:
            events = sorted((position(one)[1], sink.acknowledged.get(one, float("inf")), one)
                            for one in {event for _, event in sink.taken})
        commits = [commit for commit, _, _ in events]
        latest, until = (0, ""), []  # the last acknowledgement of everything up to each event
        for _, at, event in events:
            latest = max(latest, (at, event))
            until.append(latest)
        found = []
        for at, confirmed in self.samples:
            covered = bisect.bisect_left(commits, confirmed)
            if covered and until[covered - 1][0] > at:
                found.append((until[covered - 1][1], confirmed))
        return found

    def check(self, sink):
        assert self.count and len(self.samples) > 1, "no position was ever seen to move"
        assert self.early(sink) == []

    def __enter__(self):
        assert self._begun.wait(30), "the slot could not be looked at"
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(10)
