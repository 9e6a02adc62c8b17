"""The receivers refuse what the real ones refuse: a test that they pass means something."""
import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request

from stand_ins.pagerduty import PagerDuty
from stand_ins.slack import Slack
from stand_ins.webhook_receiver import WebhookReceiver

KEY = "whsec_" + base64.b64encode(b"k" * 24).decode()


def post(url, body, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **names})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def section(text):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_slack_holds_to_the_limits_of_blocks():
    with Slack() as slack:
        def answer(**message):
            return post(slack.hook_url(), message)
        assert answer(text="a", blocks=[section("a" * 3_000)] * 50) == (200, "ok")
        assert answer(text="a", blocks=[section("a")] * 51) == (400, "invalid_blocks")
        assert answer(text="a", blocks=[section("a" * 3_001)]) == (400, "invalid_blocks")
        assert answer(text="a", blocks=[section("")]) == (400, "invalid_blocks")
        assert answer() == (400, "no_text")
        assert post(slack.hook_url(), b"no JSON") == (400, "invalid_payload")
        assert post(slack.url + "/services/T0/B0/other", {"text": "a"}) == (404, "no_service")
        assert len(slack.messages) == 1


def test_slack_sees_a_mention_that_a_name_brought():
    with Slack() as slack:
        post(slack.hook_url(), {"text": "a", "blocks": [section("<!channel> <https://evil|x>")]})
        assert slack.violations == ["markup: !channel", "markup: https://evil|x"]


def test_a_bot_needs_its_token_a_channel_and_a_thread_that_is_there():
    with Slack() as slack:
        def error(token=slack.token, **message):
            status, body = post(slack.api_url(), {"text": "a", "blocks": [], **message},
                                Authorization=f"Bearer {token}")
            assert status == 200
            return json.loads(body).get("error")
        assert error(channel="#data") is None
        assert error(channel="#data", token="xoxb-other") == "invalid_auth"
        assert error(channel="#other") == "channel_not_found"
        assert error(channel="#data", thread_ts="1.2") == "thread_not_found"


def test_a_webhook_needs_a_fresh_signature_of_this_very_body():
    with WebhookReceiver(key=KEY) as receiver:
        def status(body=b"{}", signed=b"{}", age=0, key="k", webhook_id="k"):
            stamp = str(int(time.time()) - age)
            mac = hmac.new(b"k" * 24, f"{key}.{stamp}.".encode() + signed, hashlib.sha256)
            return post(receiver.url, body, Idempotency_Key=key, webhook_id=webhook_id,
                        webhook_timestamp=stamp,
                        webhook_signature="v1," + base64.b64encode(mac.digest()).decode())[0]
        assert status() == 202
        assert status() == 200 and receiver.repeats == 1
        assert status(body=b'{"a":1}') == 401
        assert status(age=600) == 401
        assert status(webhook_id="other") == 400
        assert list(receiver.acted) == ["k"]


def test_pagerduty_names_what_is_wrong_with_an_event():
    with PagerDuty() as pagerduty:
        payload = {"summary": "a", "source": "b", "severity": "critical"}
        event = {"routing_key": pagerduty.key, "event_action": "trigger", "dedup_key": "d",
                 "payload": payload}

        def status(**changes):
            return post(pagerduty.url + "/v2/enqueue", {**event, **changes})[0]
        assert status() == 202
        assert pagerduty.incidents == {"d": "triggered"}
        assert status(routing_key="x") == 400
        assert status(dedup_key="d" * 256) == 400
        assert status(event_action="open") == 400
        assert status(payload={**payload, "severity": "bad"}) == 400
        assert status(payload={**payload, "summary": "a" * 1_025}) == 400
        assert status(extra=1) == 400
        assert status(links=[{"href": "javascript:x"}]) == 400
        assert status(event_action="resolve", payload=None) == 202
        assert pagerduty.incidents == {"d": "resolved"}
