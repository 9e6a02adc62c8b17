"""A proxy before the Pub/Sub emulator that holds publishers to Google's rules, which the emulator
does not: strict JSON, one ordering key a request, the size limits, one request in flight a key.

It can also answer in Pub/Sub's place, as a service in trouble would.
"""
import collections
import http.client
import json
import threading
import time

from google.cloud import pubsub_v1
from google.protobuf import json_format

from stand_ins.http_stand_in import HttpStandIn

MESSAGES_MAX = 1_000
REQUEST_BYTES_MAX = 10_000_000
ATTRIBUTES_MAX, KEY_BYTES_MAX, VALUE_BYTES_MAX = 100, 256, 1_024
ORDERING_KEY_BYTES_MAX = 1_024

# What a broker in trouble may do with a publish that it has taken.
AFTER_TAKING = ("close", "half_a_body", "few_ids")

PublishRequest = pubsub_v1.types.PublishRequest.pb()


class PubsubRules(HttpStandIn):
    def __init__(self, emulator):
        self.emulator = emulator
        self.violations = []   # texts; empty is the goal
        self.batches = []      # (ordering key, [ce-id]) of each publish that went through
        self.failures = []     # statuses still to answer publishes with, before they are forwarded
        self.trouble = None    # while set: a status, or one of AFTER_TAKING
        self.delay_seconds = 0  # each publish takes at least so long
        self.lock = threading.Lock()
        self.in_flight = collections.Counter()
        super().__init__()

    def environment(self):
        return {**self.emulator.environment(), "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{self.port}"}

    def fail_with(self, status, times):
        with self.lock:
            self.failures += [status] * times

    def answer(self, method, path, headers, body):
        if method == "POST" and path.endswith(":publish"):
            return self._publish(path, headers, body)
        return self._forward(method, path, headers, body)

    def _publish(self, path, headers, body):
        if headers.get("Authorization"):
            self.violations.append("a token was sent to the emulator")
        try:
            messages = check_publish(body)
        except (ValueError, json_format.ParseError) as violation:
            self.violations.append(str(violation))
            return 400, {}, json.dumps({"error": {"code": 400, "status": "INVALID_ARGUMENT",
                                                  "message": str(violation)}}).encode()
        key = messages[0].ordering_key
        with self.lock:
            status = self.failures.pop(0) if self.failures else self.trouble
            if isinstance(status, int):
                return status, {}, json.dumps({"error": {"code": status, "status": "INTERNAL",
                                                         "message": "injected"}}).encode()
            self.in_flight[key] += 1
            if key and self.in_flight[key] > 1:
                self.violations.append(f"two requests in flight for ordering key {key}")
        try:
            time.sleep(self.delay_seconds)
            answer = self._forward("POST", path, headers, body)
        finally:
            with self.lock:
                self.in_flight[key] -= 1
        if answer[0] == 200:
            with self.lock:
                self.batches.append((key, [one.attributes.get("ce-id") for one in messages]))
            if self.trouble:
                return _spoilt(self.trouble, answer)
        return answer

    def _forward(self, method, path, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=90)
        try:
            connection.request(method, path, body=body or None,
                               headers={"Content-Type": headers.get("Content-Type", "")})
            answer = connection.getresponse()
            return answer.status, {"Content-Type": answer.getheader("Content-Type", "")}, \
                answer.read()
        finally:
            connection.close()


def _spoilt(trouble, answer):
    status, headers, body = answer
    if trouble == "close":
        raise ConnectionAbortedError
    if trouble == "half_a_body":
        return status, {**headers, "Content-Length": str(len(body)), "Connection": "close"}, \
            body[:len(body) // 2]
    ids = json.loads(body)["messageIds"]
    return status, headers, json.dumps({"messageIds": ids[:len(ids) // 2]}).encode()


def check_publish(body):
    """The messages of a publish request; ValueError says which rule it breaks."""
    messages = json_format.Parse(body, PublishRequest()).messages
    if any(one.message_id or one.HasField("publish_time") for one in messages):
        raise ValueError("a publisher must set neither messageId nor publishTime")
    check_limits(len(body), [(one.data, one.attributes, one.ordering_key) for one in messages])
    return messages


def check_limits(body_bytes, messages):
    """Raises ValueError with the rule that (data, attributes, ordering key) of a request break."""
    if body_bytes >= REQUEST_BYTES_MAX:
        raise ValueError(f"a publish request of {body_bytes} bytes; the limit is 10 MB")
    if not 1 <= len(messages) <= MESSAGES_MAX:
        raise ValueError(f"{len(messages)} messages in one request; 1 to 1000 are allowed")
    if len({ordering_key for _, _, ordering_key in messages}) > 1:
        raise ValueError("more than one ordering key in one request")
    if len(messages[0][2].encode()) > ORDERING_KEY_BYTES_MAX:
        raise ValueError("an ordering key over 1024 bytes")
    for data, attributes, _ in messages:
        if not data and not attributes:
            raise ValueError("a message without data and attributes")
        if len(attributes) > ATTRIBUTES_MAX:
            raise ValueError("more than 100 attributes")
        for name, value in attributes.items():
            if not name or name.startswith("goog"):
                raise ValueError(f"attribute name {name!r} is not allowed")
            if len(name.encode()) > KEY_BYTES_MAX or len(value.encode()) > VALUE_BYTES_MAX:
                raise ValueError(f"attribute {name[:40]!r} is over its limit")
