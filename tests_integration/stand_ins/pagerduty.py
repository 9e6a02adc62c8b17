"""A stand-in for PagerDuty's Events API v2 (developer.pagerduty.com/docs/send-alert-event): events
are held to its fields and limits, and make and resolve incidents by their dedup_key."""
import json

from stand_ins.receiver import Receiver

JSON = {"Content-Type": "application/json"}
SEVERITIES = {"critical", "error", "warning", "info"}
FIELDS = {"routing_key", "event_action", "dedup_key", "payload", "client", "client_url", "links",
          "images"}
PAYLOAD = {"summary", "source", "severity", "timestamp", "component", "group", "class",
           "custom_details"}


class PagerDuty(Receiver):
    def __init__(self, key="0123456789abcdef0123456789abcdef"):
        self.key = key
        self.incidents = {}  # dedup_key -> "triggered" or "resolved"
        self.events = []
        super().__init__()

    def take(self, method, path, headers, body):
        if (method, path) != ("POST", "/v2/enqueue"):
            return 404, JSON, b"{}"
        try:
            event = json.loads(body)
        except ValueError:
            return self._invalid("JSON is invalid")
        errors = self._errors(event)
        if errors:
            return self._invalid(*errors)
        dedup = event["dedup_key"]
        self.events.append(event)
        self.incidents[dedup] = "resolved" if event["event_action"] == "resolve" else "triggered"
        return 202, JSON, json.dumps({"status": "success", "message": "Event processed",
                                      "dedup_key": dedup}).encode()

    def _invalid(self, *errors):
        body = json.dumps({"status": "invalid event", "message": "Event object is invalid",
                           "errors": errors}).encode()
        return self.refuse(400, JSON, body, errors)

    def _errors(self, event):
        errors = [f"unknown field {name}" for name in set(event) - FIELDS]
        if event.get("routing_key") != self.key:
            errors.append("routing_key is invalid")
        if not 0 < len(event.get("dedup_key", "").encode()) <= 255:
            errors.append("dedup_key is missing, or over 255 characters")
        action, payload = event.get("event_action"), event.get("payload")
        if action not in ("trigger", "acknowledge", "resolve"):
            errors.append("event_action is invalid")
        if action == "trigger":
            if not isinstance(payload, dict):
                return [*errors, "payload is missing"]
            errors += [f"unknown field payload.{name}" for name in set(payload) - PAYLOAD]
            errors += [f"payload.{name} is missing" for name in ("summary", "source", "severity")
                       if not payload.get(name)]
            if len(payload.get("summary", "")) > 1024:
                errors.append("payload.summary is over 1024 characters")
            if payload.get("severity") not in SEVERITIES:
                errors.append("payload.severity is invalid")
            errors += ["a link without href" for link in event.get("links", [])
                       if not link.get("href", "").startswith("https://")]
        return errors
