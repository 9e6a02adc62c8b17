"""A Pub/Sub that misbehaves on command: it takes publish requests as the emulator does, holds them
to Google's rules, remembers what it took and acknowledged, and does to each whatever the test says
at that moment.

    with FaultSink() as sink:
        connector = source.connector(sink.url(), env=sink.environment())
        with sink.behaving(503):        # or sink.behave(503) ... sink.behave("accept")
            ...
        sink.wait_for(total)

An event counts as acknowledged from the moment before its answer leaves: no confirmation can have
an earlier cause. All in one process: `keep_ids=False` bounds its memory.
"""
import contextlib
import json
import socket
import threading
import time

from harness.emulator import PROJECT
from harness.event_ids import position
from harness.programs import wait_until
from stand_ins.publish_http import error, head, messages_of, send
from stand_ins.tcp_stand_in import TcpStandIn, reset

# What it can do with a publish request, beside any HTTP status as a number.
ACCEPT = "accept"
SLOW = "slow"              # taken after SLOW_SECONDS, then acknowledged
REFUSE = "refuse"          # nobody listens; open connections are reset
HANG = "hang"              # neither taken nor answered until the behaviour changes
TAKE_AND_HANG = "take and hang"      # taken, not answered until the behaviour changes
RESET = "reset"            # reset in the middle of the request
TAKE_AND_RESET = "take and reset"    # taken, reset in place of the answer
CLOSE = "close"            # taken, closed in place of the answer
HALF_A_BODY = "half a body"          # taken; the answer ends in its middle
FEW_IDS = "few ids"        # the first half of the messages, rounded up, is taken and has ids
EMPTY = "empty"            # taken; 200 without a body
GARBAGE = "garbage"        # taken; 200 with something that is no JSON
TRICKLE = "trickle"        # taken; the answer comes byte by byte, for TRICKLE_SECONDS
STATUSES = (403, 404, 409, 429, 500, 502, 503, 504)
BEHAVIOURS = (SLOW, REFUSE, HANG, TAKE_AND_HANG, RESET, TAKE_AND_RESET, CLOSE, HALF_A_BODY, FEW_IDS,
              EMPTY, GARBAGE, TRICKLE)

SLOW_SECONDS = 0.2
TRICKLE_SECONDS = 2


class FaultSink(TcpStandIn):
    def __init__(self, keep_ids=True):
        self.keep_ids = keep_ids
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.behaviour = ACCEPT
        self.stopping = False
        self.taken = []            # (ordering key, event id), in order, repeats too; keep_ids only
        self.content = {}          # event id -> hash of its bytes; keep_ids only
        self.acknowledged = {}     # event id -> time.monotonic() of its first answer; keep_ids only
        self.taken_count = 0       # events taken, repeats too
        self.repeated_count = 0    # of those, not beyond the position taken before on their key
        self.last = {}             # ordering key -> the furthest position taken on it
        self.heartbeats = []       # attributes and data of each heartbeat taken
        self.requests = 0          # publish requests that came, whatever became of them
        self.violations = []       # of Google's rules, and of ours: empty is the goal
        self.invalid = None        # message -> bool: a request with such a one is 400
        self.on_change = None      # called with each message of a change that is taken
        self._in_flight = {}
        self._connections = set()
        self._timer = None
        super().__init__()
        self._listen()

    # What the test says

    def environment(self):
        return {"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{self.port}", "PUBSUB_PROJECT_ID": PROJECT}

    def url(self, topic="runs"):
        return f"pubsub://{PROJECT}/{topic}"

    def behave(self, behaviour):
        """From now on, and for the requests that hang. ACCEPT makes it well again."""
        assert isinstance(behaviour, int) or behaviour in (ACCEPT, *BEHAVIOURS), behaviour
        with self.changed:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            was, self.behaviour = self.behaviour, behaviour
            if REFUSE in (was, behaviour) and was != behaviour:
                self._refuse() if behaviour == REFUSE else self._listen()
            self.changed.notify_all()

    @contextlib.contextmanager
    def behaving(self, behaviour):
        self.behave(behaviour)
        try:
            yield self
        finally:
            self.behave(ACCEPT)

    def down(self, seconds, behaviour=REFUSE):
        """Behaves so for so long, then accepts; returns at once."""
        self.behave(behaviour)
        self._timer = threading.Timer(seconds, self.behave, [ACCEPT])
        self._timer.daemon = True
        self._timer.start()

    # What the test asks

    def ids(self):
        """The distinct events taken."""
        with self.lock:
            return {one for _, one in self.taken}

    def by_key(self):
        """{ordering key: its events in the order in which they were first taken}"""
        with self.lock:
            seen = {}
            for key, one in self.taken:
                seen.setdefault(key, {})[one] = None
        return {key: list(ids) for key, ids in seen.items()}

    def overtaken(self):
        """The ordering keys on which a later event was taken before an earlier one."""
        return [key for key, ids in self.by_key().items()
                if ids != sorted(ids, key=position)]

    def check(self, count):
        """Exactly so many events, each acknowledged, in order on each key, by Google's rules, and
        the same bytes whenever they came again."""
        assert len(self.ids()) == len(self.acknowledged) == count
        assert self.violations == []
        assert self.overtaken() == []

    def wait_for(self, count, seconds=60, what=lambda: ""):
        """Until so many distinct events are acknowledged."""
        wait_until(lambda: len(self.acknowledged) >= count, seconds,
                   lambda: f"{len(self.acknowledged)} of {count} events; {self.behaviour}; {what()}")

    def wait_for_requests(self, total, seconds=20):
        """Until so many publish requests have come since the start (.requests counts them)."""
        wait_until(lambda: self.requests >= total, seconds,
                   lambda: f"{self.requests} of {total} requests", pause=0.01)

    # The server

    def _accept(self, connection):
        with self.lock:
            if self.stopping or self.behaviour == REFUSE:
                reset(connection)
                connection.close()
                return
            self._connections.add(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _refuse(self):
        self._stop_listening()
        for connection in self._connections:  # their threads close them
            reset(connection)

    def _serve(self, connection):
        try:
            with connection.makefile("rb") as reader:
                while self._exchange(connection, reader):
                    pass
        except (OSError, ValueError):
            pass  # the client, or a reset of ours
        finally:
            with self.lock:
                self._connections.discard(connection)
            connection.close()

    def _exchange(self, connection, reader):
        """One request and its answer; False ends the connection."""
        line = reader.readline().split()
        if len(line) < 2:
            return False
        headers = {}
        while (header := reader.readline().strip()):
            name, _, value = header.partition(b":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get(b"content-length", 0))
        publishing = line[1].endswith(b":publish")
        if publishing:
            self.requests += 1
        if self.behaviour == RESET:
            reader.read(length // 2)
            reset(connection)
            return False
        if headers.get(b"expect", b"").lower() == b"100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = reader.read(length)
        if len(body) < length:
            return False
        if publishing:
            return self._publish(connection, body)
        return self._other(connection, line[0], body)

    def _other(self, connection, method, body):
        """testIamPermissions and the look at the topic: in trouble like everything else."""
        behaviour = self.behaviour
        if behaviour in (HANG, TAKE_AND_HANG):
            return self._hang(connection, behaviour)
        if isinstance(behaviour, int):
            return send(connection, *error(behaviour))
        answer = {"permissions": json.loads(body)["permissions"]} if method == b"POST" else {}
        return send(connection, 200, json.dumps(answer).encode())

    def _publish(self, connection, body):
        behaviour = self.behaviour
        if behaviour == HANG:
            return self._hang(connection, behaviour)
        if isinstance(behaviour, int):
            return send(connection, *error(behaviour))
        try:
            messages = messages_of(body)
        except (ValueError, TypeError, AttributeError) as violation:
            self.violations.append(str(violation))
            return send(connection, *error(400, str(violation)))
        if self.invalid and any(map(self.invalid, messages)):
            return send(connection, *error(400, "the message is invalid"))
        key = messages[0].get("orderingKey", "")
        with self._alone(connection, key):  # until just before the answer: then the next one may come
            if behaviour == SLOW:
                time.sleep(SLOW_SECONDS)
            count = (len(messages) + 1) // 2 if behaviour == FEW_IDS else len(messages)
            with self.lock:
                events = self._take(key, messages[:count])
                first = self.taken_count - len(events) + 1
        ids = json.dumps({"messageIds": [str(first + i) for i in range(count)]}).encode()
        return self._answer(connection, behaviour, events, ids, count == len(messages))

    @contextlib.contextmanager
    def _alone(self, connection, key):
        with self.lock:
            others = self._in_flight.setdefault(key, set())
            # A client that was killed leaves its request behind.
            if key and not all(_gone(other) for other in others):
                self.violations.append(f"two requests in flight for ordering key {key}")
            others.add(connection)
        try:
            yield
        finally:
            with self.lock:
                others.discard(connection)

    def _answer(self, connection, behaviour, events, ids, complete):
        if behaviour == TAKE_AND_HANG:
            return self._hang(connection, behaviour)
        if behaviour in (TAKE_AND_RESET, REFUSE):
            reset(connection)
            return False
        if behaviour == CLOSE:
            return False
        if behaviour == HALF_A_BODY:
            connection.sendall(head(200, len(ids)) + ids[:len(ids) // 2])
            return False
        if behaviour in (EMPTY, GARBAGE) or not complete:
            return send(connection, 200, {EMPTY: b"", GARBAGE: b"<html>OK</html>"}.get(
                behaviour, ids))
        self._acknowledge(events)
        if behaviour == TRICKLE:
            return self._trickle(connection, head(200, len(ids)) + ids)
        return send(connection, 200, ids)

    def _take(self, key, messages):
        """Remembers the events among the messages, and returns their ids."""
        events = []
        for message in messages:
            attributes = message.get("attributes", {})
            if attributes.get("ce-type") != "walpulse.change":
                self.heartbeats.append(message)
                del self.heartbeats[:-1000]
                continue
            if self.on_change:
                self.on_change(message)
            event = attributes["ce-id"]
            place = position(event)
            if place > self.last.get(key, ()):
                self.last[key] = place
            else:
                self.repeated_count += 1
            events.append(event)
            if self.keep_ids and self.content.setdefault(event, hash(message["data"])) != hash(
                    message["data"]):
                self.violations.append(f"{event} came with other bytes than before")
        self.taken_count += len(events)
        if self.keep_ids:
            self.taken.extend((key, event) for event in events)
        return events

    def _acknowledge(self, events):
        if self.keep_ids:
            now = time.monotonic()
            with self.lock:
                for event in events:
                    self.acknowledged.setdefault(event, now)

    def _hang(self, connection, behaviour):
        with self.changed:
            self.changed.wait_for(lambda: self.stopping or self.behaviour != behaviour)
        reset(connection)
        return False

    def _trickle(self, connection, answer):
        for index in range(len(answer)):
            connection.sendall(answer[index:index + 1])
            time.sleep(min(0.05, TRICKLE_SECONDS / len(answer)))
        return True

    def stop(self):
        with self.changed:
            self.stopping = True
            if self._timer:
                self._timer.cancel()
            self.changed.notify_all()
            self._refuse()
            super().stop()


def _gone(connection):
    """Whether its client went away."""
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
