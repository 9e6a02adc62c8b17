"""A receiver of webhooks that holds to Standard Webhooks (https://www.standardwebhooks.com), verifies
who calls, and acts once for each Idempotency-Key."""
import base64
import hashlib
import hmac
import json
import time

from stand_ins.receiver import Receiver

JSON = {"Content-Type": "application/json"}
TOLERANCE_SECONDS = 300


class WebhookReceiver(Receiver):
    """`key`: "whsec_...", which signs; `token`: the bearer that is let in; None: not looked at."""

    def __init__(self, key=None, token=None):
        self.key, self.token = key, token
        self.acted = {}   # Idempotency-Key -> body: what was done, once
        self.repeats = 0  # requests of a key that came again
        self.bearers = []
        super().__init__()

    def take(self, method, path, headers, body):
        self.bearers.append(headers.get("Authorization", ""))
        if method != "POST" or headers.get("Content-Type") != "application/json":
            return self.refuse(400, JSON, b'{"error":"POST of JSON"}', "no POST of JSON")
        key = headers.get("Idempotency-Key", "")
        if not key or headers.get("webhook-id") != key:
            return self.refuse(400, JSON, b'{"error":"no key"}', "no key, or two")
        if self.token and headers.get("Authorization") != f"Bearer {self.token}":
            return 401, JSON, b'{"error":"who are you?"}'
        if self.key and not self._is_signed(key, headers, body):
            return 401, JSON, b'{"error":"signature does not match"}'
        try:
            json.loads(body)
        except ValueError:
            return self.refuse(400, JSON, b'{"error":"no JSON"}', "no JSON")
        if key in self.acted:
            self.repeats += 1
            if self.acted[key] != body:
                self.violations.append(f"another body under {key}")
            return 200, JSON, b'{"repeat":true}'
        self.acted[key] = body
        return 202, JSON, b"{}"

    def _is_signed(self, key, headers, body):
        stamp = headers.get("webhook-timestamp", "")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
            return False
        secret = base64.b64decode(self.key.removeprefix("whsec_"))
        signed = hmac.new(secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
        wanted = "v1," + base64.b64encode(signed).decode()
        return any(hmac.compare_digest(wanted, one)
                   for one in headers.get("webhook-signature", "").split(" "))
