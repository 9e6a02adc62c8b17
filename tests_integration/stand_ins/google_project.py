"""A stand-in for a Google Cloud project as `doctor` asks about it: topics and subscriptions, how they
are set, and what the caller may do with them. PubsubRules and CloudMonitoring stand in for the data.

Answers as https://cloud.google.com/pubsub/docs/reference/rest says: testIamPermissions knows nobody's
permissions on what does not exist, and is a 200 all the same; everything else is then a 404, or a 403
for whoever may not look.
"""
import json
import re

from stand_ins.http_stand_in import HttpStandIn

PROJECT = "walpulse-local"


class GoogleProject(HttpStandIn):
    """`granted`: roles, of those below. Point programs at it with environment()."""

    ROLES = {
        "roles/pubsub.publisher": {"pubsub.topics.publish"},
        "roles/pubsub.subscriber": {"pubsub.subscriptions.consume"},
        "roles/pubsub.viewer": {"pubsub.topics.get", "pubsub.subscriptions.get"},
    }

    def __init__(self, *granted):
        self.granted = set(granted or self.ROLES)
        self.topics, self.subscriptions = set(), {}
        self.refusal = None  # a reason of google.api.ErrorReason with which everything is refused
        self.calls = []      # (method, path)
        super().__init__()

    def environment(self):
        return {"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{self.port}"}

    def add_topic(self, name):
        self.topics.add(f"projects/{PROJECT}/topics/{name}")
        return f"pubsub://{PROJECT}/{name}"

    def add_subscription(self, name, **settings):
        """As the Terraform module makes it, but for the settings."""
        full = f"projects/{PROJECT}/subscriptions/{name}"
        self.subscriptions[full] = {
            "name": full, "topic": f"projects/{PROJECT}/topics/runs", "pushConfig": {},
            "ackDeadlineSeconds": 60, "expirationPolicy": {}, "state": "ACTIVE", **settings}
        return full

    def may(self, permission):
        return any(permission in self.ROLES[role] for role in self.granted)

    def answer(self, method, path, headers, body):
        self.calls.append((method, path))
        assert "Authorization" not in headers, "a token was sent in the clear"
        if self.refusal:
            return reply(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.",
                         self.refusal)
        resource, _, call = path.removeprefix("/v1/").partition(":")
        kind = re.match(r"projects/[^/]+/(topics|subscriptions)/", resource)[1]
        there = resource in self.topics or resource in self.subscriptions
        if call == "testIamPermissions":
            asked = json.loads(body)["permissions"]
            held = [one for one in asked if there and self.may(one)]
            return 200, JSON, json.dumps({"permissions": held} if held else {}).encode()
        if method != "GET":
            return reply(501, "UNIMPLEMENTED", f"doctor changes nothing: {method} {path}")
        if not self.may(f"pubsub.{kind}.get"):
            return reply(403, "PERMISSION_DENIED", "User not authorized to perform this action.")
        if not there:
            return reply(404, "NOT_FOUND", f"Resource not found (resource={resource}).")
        return 200, JSON, json.dumps(self.subscriptions.get(resource, {"name": resource})).encode()


JSON = {"Content-Type": "application/json; charset=UTF-8"}


def reply(code, status, message, reason=None):
    error = {"code": code, "status": status, "message": message}
    if reason:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
                             "domain": "googleapis.com"}]
    return code, JSON, json.dumps({"error": error}).encode()
