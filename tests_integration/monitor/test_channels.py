"""Each channel against a strict stand-in of its receiver, and mail against a real server: what is taken,
what comes again, what is given up, and that no secret is in any answer."""
import json
import time

import pytest

from harness.programs import run
from stand_ins.identity import Key, ShortTokens
from stand_ins.mail_server import MailServer
from stand_ins.pagerduty import PagerDuty
from stand_ins.receiver import HANG, RESET
from stand_ins.slack import Slack
from stand_ins.webhook_receiver import WebhookReceiver

pytestmark = pytest.mark.statement("channels")

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOSTILE = ("<!channel> & <https://evil.example.com|daily_sales> @here *x* `y` \u202e"
           "\r\nBcc: evil@example.com\r\n" + "x" * 5_000)


def send(channel, *, key="key-1", pipeline="daily_sales", env=None, **more):
    line = json.dumps({"channel": channel, "key": key, "pipeline": pipeline, **more})
    done = run("channel_send", text_input=line + "\n", env=env)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    for secret in ("secret", "hush", SIGNING[6:]):
        assert secret not in done.stdout.replace("secret's file", ""), done.stdout
    return answer


def secret_file(tmp_path, text, name="secret"):
    path = tmp_path / name
    path.write_text(text + "\n")
    return str(path)


@pytest.fixture
def slack():
    with Slack() as stand_in:
        yield stand_in
        assert stand_in.violations == []


def test_slack_takes_what_a_webhook_brings(slack, tmp_path):
    hook = {"type": "slack", "url_file": secret_file(tmp_path, slack.hook_url())}
    assert send(hook) == {"verdict": "taken", "text": "HTTP 200: ok", "thread": ""}
    assert send(hook, pipeline=HOSTILE)["verdict"] == "taken"
    assert "*daily_sales* failed, 2nd time in a row" in slack.messages[0]["blocks"][0]["text"]["text"]


def test_slack_s_refusals_are_final_or_not(slack, tmp_path):
    hook = {"type": "slack", "url_file": secret_file(tmp_path, slack.hook_url())}
    plain = {"Content-Type": "text/plain"}
    slack.fail_with((429, {**plain, "Retry-After": "30"}, b"rate_limited"), (500, plain, b"rollup_error"),
                    (403, plain, b"action_prohibited"), (410, plain, b"channel_is_archived"),
                    (302, {"Location": slack.hook_url()}, b""), RESET)
    answers = [send(hook) for _ in range(6)]
    assert [answer["verdict"] for answer in answers] == ["again", "again", "never", "never", "never",
                                                         "again"]
    assert answers[0]["retry_after"] == 30
    assert slack.requests == 6 and slack.messages == []
    wrong = {"type": "slack", "url_file": secret_file(tmp_path, slack.url + "/services/T0/B0/gone")}
    assert send(wrong) == {"verdict": "never", "text": "HTTP 404: no_service", "thread": ""}


def test_slack_puts_the_recovery_below_the_failure(slack, tmp_path):
    bot = {"type": "slack", "token_file": secret_file(tmp_path, slack.token), "api_url": slack.api_url()}
    failure = send(bot, target="#data")
    assert failure["verdict"] == "taken" and failure["thread"] == slack.messages[0]["ts"]
    assert send(bot, target="#data", over=True, thread=failure["thread"])["verdict"] == "taken"
    assert slack.messages[1]["thread_ts"] == failure["thread"]
    assert "/invite" in send(bot, target="#elsewhere")["text"]
    other = {**bot, "token_file": secret_file(tmp_path, "xoxb-another", "other")}
    assert send(other, target="#data")["verdict"] == "never"


def test_a_deadline_and_a_stop_end_a_call_that_hangs(slack, tmp_path):
    hook = {"type": "slack", "url_file": secret_file(tmp_path, slack.hook_url())}
    for how in ({"deadline_ms": 300}, {"stop_after_ms": 300}):
        slack.fail_with(HANG)
        began = time.monotonic()
        assert send(hook, **how)["verdict"] == "again"
        assert time.monotonic() - began < 4


def test_a_secret_that_is_changed_is_in_force_with_the_next_call(tmp_path):
    with WebhookReceiver(token="token-secret-2") as receiver:
        hook = {"type": "webhook", "url": receiver.url,
                "token_file": secret_file(tmp_path, "token-secret-1")}
        assert send(hook)["verdict"] == "never"
        secret_file(tmp_path, "token-secret-2")
        assert send(hook)["verdict"] == "taken"


def test_a_webhook_is_signed_and_acts_once(tmp_path):
    with WebhookReceiver(key=SIGNING) as receiver:
        hook = {"type": "webhook", "url": receiver.url, "signing_file": secret_file(tmp_path, SIGNING)}
        answers = [send(hook, call='{"cause":"daily_sales"}') for _ in range(3)]
        assert [answer["verdict"] for answer in answers] == ["taken"] * 3
        assert (len(receiver.acted), receiver.repeats) == (1, 2)
        assert send(hook, key="key-2", pipeline=HOSTILE)["verdict"] == "taken"
        told = json.loads(receiver.acted["key-2"])
        assert told["type"] == "walpulse.problems" and "\u202e" not in told["data"]["text"]
        another = "whsec_" + "QUFB" * 8
        rotated = {**hook, "signing_file": secret_file(tmp_path, another + "\n" + SIGNING, "both")}
        assert send(rotated, key="key-3")["verdict"] == "taken"
        alone = {**hook, "signing_file": secret_file(tmp_path, another, "alone")}
        assert send(alone, key="key-4")["verdict"] == "never"
        assert receiver.violations == []


def test_a_webhook_of_google_s_gets_an_identity_token():
    key = Key("one")
    with ShortTokens("token", key) as metadata, WebhookReceiver() as receiver:
        hook = {"type": "webhook", "url": receiver.url + "/run", "google": True,
                "audience": "https://dbt.example.com"}
        assert send(hook, env=metadata.environment())["verdict"] == "taken"
        assert receiver.bearers[0].count(".") == 2


def test_pagerduty_opens_an_incident_and_resolves_it(tmp_path):
    with PagerDuty() as pagerduty:
        channel = {"type": "pagerduty", "url": pagerduty.url + "/v2/enqueue",
                   "key_file": secret_file(tmp_path, pagerduty.key)}
        assert send(channel)["verdict"] == "taken"
        assert send(channel)["verdict"] == "taken"  # a repeat is the same incident
        assert pagerduty.incidents == {"walpulse/mage/failing/daily_sales/": "triggered"}
        assert send(channel, over=True)["verdict"] == "taken"
        assert pagerduty.incidents == {"walpulse/mage/failing/daily_sales/": "resolved"}
        assert send(channel, pipeline=HOSTILE)["verdict"] == "taken"
        pagerduty.fail_with((429, {}, b""), (503, {}, b""))
        assert [send(channel)["verdict"] for _ in range(2)] == ["again"] * 2
        assert pagerduty.violations == []
        wrong = {**channel, "key_file": secret_file(tmp_path, "f" * 32, "wrong")}
        assert send(wrong)["verdict"] == "never"


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_mail_goes_out_under_tls_with_a_login(tls, tmp_path):
    with MailServer(tmp_path, tls) as server:
        channel = {"type": "mail", "url": server.url, "from": "walpulse@example.com",
                   "to": ["ana@example.com", "bo@example.com"],
                   "user_file": secret_file(tmp_path, server.user, "user"),
                   "password_file": secret_file(tmp_path, server.password),
                   "ca_file": str(server.ca_file)}
        assert send(channel) == {"verdict": "taken", "text": "250 2.0.0 queued as 1", "thread": ""}
        assert send(channel, pipeline="caf\u00e9 " + HOSTILE)["verdict"] == "taken"
        sender, recipients, mail = server.mails[0]
        assert (sender, recipients) == ("walpulse@example.com", ["ana@example.com", "bo@example.com"])
        assert mail["Message-ID"] == "<key-1@example.com>"
        assert mail["Subject"] == "[problem] daily_sales failed, 2nd time in a row"
        assert "run 812, failing since" in mail.get_content()
        hostile = server.mails[1][2]
        assert hostile["Bcc"] is None and "caf\u00e9" in hostile["Subject"]
        server.replies += ["451 4.3.0 try later", "554 5.7.1 spam"]
        assert [send(channel)["verdict"] for _ in range(2)] == ["again", "never"]
        wrong = {**channel, "password_file": secret_file(tmp_path, "hush-wrong", "wrong")}
        refused = send(wrong)
        assert refused["verdict"] == "never" and "user and password" in refused["text"]
        untrusted = {name: value for name, value in channel.items() if name != "ca_file"}
        assert "certificate" in send(untrusted)["text"]
        assert len(server.mails) == 2


def test_a_password_never_goes_over_a_line_in_the_clear(tmp_path):
    with MailServer(tmp_path, tls=None) as server:
        channel = {"type": "mail", "url": server.url, "from": "walpulse@example.com",
                   "to": ["ana@example.com"], "user_file": secret_file(tmp_path, server.user, "user"),
                   "password_file": secret_file(tmp_path, server.password)}
        answer = send(channel)
        assert answer["verdict"] != "taken" and "smtps://" in answer["text"]
        assert (server.logins, server.mails) == (0, [])
