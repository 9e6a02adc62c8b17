"""A stand-in for Slack: incoming webhooks and chat.postMessage, as docs.slack.dev has them.

Messages are held to the limits of Block Kit; what is still markup in a text is a violation where a
name brought it.
"""
import json
import re

from stand_ins.receiver import Receiver

TEXT = {"Content-Type": "text/plain"}
JSON = {"Content-Type": "application/json"}
BLOCKS_MAX, SECTION_MAX, TEXT_MAX = 50, 3_000, 40_000


def problem_of(message):
    """Slack's word for what is wrong with a message; None where it is fine."""
    if not isinstance(message, dict):
        return "invalid_payload"
    blocks = message.get("blocks", [])
    if not message.get("text") and not blocks:
        return "no_text"
    if len(message.get("text", "")) > TEXT_MAX:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > BLOCKS_MAX:
        return "invalid_blocks"
    for block in blocks:
        text = block.get("text", {})
        known = block.get("type") == "section" and text.get("type") == "mrkdwn"
        if not known or not 1 <= len(text.get("text", "")) <= SECTION_MAX:
            return "invalid_blocks"
    return None


class Slack(Receiver):
    def __init__(self, hook="/services/T0/B0/hook-secret", token="xoxb-secret",
                 channels=("#data",)):
        self.hook, self.token, self.channels = hook, token, set(channels)
        self.messages = []  # as they were sent, with their ts
        super().__init__()

    def hook_url(self):
        return self.url + self.hook

    def api_url(self):
        return self.url + "/api/chat.postMessage"

    def take(self, method, path, headers, body):
        try:
            message = json.loads(body)
        except ValueError:
            message = None
        wrong = problem_of(message)
        if method != "POST" or "application/json" not in headers.get("Content-Type", ""):
            wrong = "invalid_payload"
        if path.startswith("/services/"):
            if path != self.hook:
                return 404, TEXT, b"no_service"
            if wrong:
                return self.refuse(400, TEXT, wrong.encode(), wrong)
            self._keep(message)
            return 200, TEXT, b"ok"
        if path != "/api/chat.postMessage":
            return 404, TEXT, b"not found"
        answer = self._post(message, headers, wrong)
        return 200, JSON, json.dumps(answer).encode()

    def _post(self, message, headers, wrong):
        if headers.get("Authorization") != f"Bearer {self.token}":
            return {"ok": False, "error": "invalid_auth"}
        if wrong:
            self.violations.append(wrong)
            return {"ok": False, "error": wrong}
        if message.get("channel") not in self.channels:
            return {"ok": False, "error": "channel_not_found"}
        thread = message.get("thread_ts")
        if thread and thread not in [one["ts"] for one in self.messages]:
            return {"ok": False, "error": "thread_not_found"}
        self._keep(message)
        return {"ok": True, "channel": "C0DATA", "ts": message["ts"], "message": {}}

    def _keep(self, message):
        message["ts"] = f"1503435956.{len(self.messages):06}"
        self.messages.append(message)
        # Mentions, and links that are not ours, would be of a name's making.
        for text in [message.get("text", ""), *(b["text"]["text"] for b in message["blocks"])]:
            for markup in re.findall(r"<([^>]*)>", text):
                if not markup.startswith("https://walpulse.example.com/"):
                    self.violations.append(f"markup: {markup}")
