"""What the stand-ins of receivers share: they misbehave when told to, and remember what came."""
import threading
import time

from stand_ins.http_stand_in import HttpStandIn

HANG = "hang"      # no answer for HANG_SECONDS
RESET = "reset"    # the connection is closed in place of an answer
HANG_SECONDS = 5


class Receiver(HttpStandIn):
    """`fail_with(...)` says what the next requests get: HANG, RESET, or (status, headers, body);
    nothing of these is taken."""

    def __init__(self):
        self.lock = threading.RLock()
        self.failures = []
        self.requests = 0
        self.violations = []  # of the receiver's published rules: empty is the goal
        super().__init__()

    def fail_with(self, *failures):
        with self.lock:
            self.failures += failures

    def answer(self, method, path, headers, body):
        with self.lock:
            self.requests += 1
            failure = self.failures.pop(0) if self.failures else None
        if failure == RESET:
            raise OSError("reset")
        if failure == HANG:
            time.sleep(HANG_SECONDS)
            raise OSError("hung")
        if failure:
            return failure
        with self.lock:
            return self.take(method, path, headers, body)

    def take(self, method, path, headers, body):
        raise NotImplementedError

    def refuse(self, status, headers, body, why):
        self.violations.append(why)
        return status, headers, body
