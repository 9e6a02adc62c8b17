"""The bytes of a publish call, as a server reads and answers them."""
import json

from stand_ins.pubsub_rules import check_limits

FIELDS = {"data", "attributes", "orderingKey"}
STATUS_NAMES = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
                409: "ABORTED", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
                504: "DEADLINE_EXCEEDED"}


def head(status, length):
    return (f"HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


def send(connection, status, body):
    connection.sendall(head(status, len(body)) + body)
    return True


def error(status, text="injected"):
    name = STATUS_NAMES.get(status, "UNKNOWN")
    return status, json.dumps({"error": {"code": status, "status": name, "message": text}}).encode()


def messages_of(body):
    """The messages of a publish request as dicts; ValueError says which rule it breaks. Checked by
    hand: Google's protos (pubsub_rules.py) take a second for ten thousand messages."""
    request = json.loads(body)
    if set(request) != {"messages"}:
        raise ValueError(f"unknown fields {sorted(request)}")
    messages = request["messages"]
    for message in messages:
        if not set(message) <= FIELDS:
            raise ValueError(f"unknown fields {sorted(message)}")
    check_limits(len(body), [(message.get("data", ""), message.get("attributes", {}),
                              message.get("orderingKey", "")) for message in messages])
    return messages
