"""Who may push: real processes, real signatures, and a key set that misbehaves."""
import http.client
import json
import socket

import pytest

from harness import chaos_delivery
from harness.flow import Monitor
from harness.programs import fetch, run, wait_until
from stand_ins.identity import ACCOUNT, AUDIENCE, Key, KeySet, ShortTokens, base64url

pytestmark = pytest.mark.statement("pushes")

REFUSED = "walpulse_monitor_push_refused_total"
GOOGLE = Key("k1")
EVENT = json.dumps(chaos_delivery.envelope(
    {"data": b"{}", "attributes": {}, "messageId": "1"})).encode()


@pytest.fixture
def keys():
    with KeySet(GOOGLE) as started:
        yield started


def verifying(keys):
    return ("--push-auth", "verify", "--push-audience", AUDIENCE, "--push-service-account",
            ACCOUNT, "--push-keys-url", f"{keys.url}/certs")


@pytest.fixture
def monitor(programs, ledger, keys):
    return Monitor(programs, ledger, *verifying(keys))


class SlowMonitor(Monitor):
    """One that is not waited for until it is ready."""

    def start(self):
        self.program = self.programs.start("walpulse-monitor", *self.arguments, env=self.env)
        wait_until(lambda: fetch(f"{self.url}/liveness")[0] == 200, 20, self.program.text)


def push(monitor, *authorizations, body=EVENT, path="/push", headers=()):
    """The status of a push with these Authorization headers."""
    connection = http.client.HTTPConnection("127.0.0.1", monitor.port, timeout=20)
    connection.putrequest("POST", path)
    for one in authorizations:
        connection.putheader("Authorization", one)
    for name, value in headers:
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    with connection.getresponse() as answer:
        return answer.status


def bearer(token):
    return f"Bearer {token}"


def test_googles_token_of_the_account_is_let_in(monitor):
    assert push(monitor, bearer(GOOGLE.token())) == 204
    assert push(monitor, bearer(GOOGLE.token()), path="/") == 204
    assert push(monitor, bearer(GOOGLE.token(iss="accounts.google.com"))) == 204


def hs256_with_the_public_key():
    import hashlib
    import hmac
    from cryptography.hazmat.primitives import serialization
    secret = GOOGLE.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = GOOGLE.token(header={"alg": "HS256"}).rpartition(".")[0]
    return f"{text}.{base64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


@pytest.mark.parametrize("status, token", [
    (401, ""), (401, "garbage"), (401, "a.b.c"), (401, "x" * 9000),
    (401, GOOGLE.token(pad="x" * 9000)),
    (401, GOOGLE.token(header={"alg": "none"}).rpartition(".")[0] + "."),
    (401, hs256_with_the_public_key()),
    (401, Key("k1").token()),
    (401, GOOGLE.token(header={"kid": "made-up"})),
    (401, GOOGLE.token(exp=1_700_000_000)), (401, GOOGLE.token(iat=4_000_000_000)),
    (401, GOOGLE.token(exp=None)), (401, GOOGLE.token(iss="https://accounts.example.com")),
    (401, GOOGLE.token().rpartition(".")[0] + ".SIGNATURE_REMOVED_BY_GOOGLE"),
    (403, GOOGLE.token(aud="https://other.example.com/push")),
    (403, GOOGLE.token(email="other@walpulse-local.iam.gserviceaccount.com")),
    (403, GOOGLE.token(email_verified=False)), (403, GOOGLE.token(email=None)),
], ids=["empty", "garbage", "three-parts", "long", "long-claims", "none", "hs256", "other-signer",
        "unknown-kid", "expired", "future", "no-exp", "issuer", "marker", "audience", "account",
        "unverified", "no-email"])
def test_whoever_else_is_refused_and_nothing_is_read(monitor, status, token):
    # A body that is no envelope would get 400 from whoever read it.
    assert push(monitor, bearer(token), body=b"garbage") == status
    monitor.wait_total(1, REFUSED, reason="unauthenticated" if status == 401 else "forbidden")
    monitor.wait_total(0, REFUSED, reason="invalid")
    assert not token or token[-40:] not in monitor.program.text(1000)


def test_two_or_no_authorization_headers_are_refused(monitor):
    good = bearer(GOOGLE.token())
    assert push(monitor) == 401
    assert push(monitor, good, good) == 401
    assert push(monitor, "Basic dTpw") == 401
    assert push(monitor, good, headers=[("X-Serverless-Authorization", good)]) == 401


def test_a_refused_body_is_not_waited_for(monitor):
    """10 MB are announced and none is sent: the answer comes all the same."""
    with socket.create_connection(("127.0.0.1", monitor.port), timeout=20) as client:
        client.sendall(b"POST /push HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 401 ")


def test_reading_needs_no_token(monitor):
    for path in ("/", "/metrics", "/health", "/readiness", "/liveness"):
        assert fetch(monitor.url + path)[0] == 200, path


def test_a_rotated_key_is_fetched_with_its_first_token(programs, ledger, keys):
    monitor = Monitor(programs, ledger, *verifying(keys))
    assert push(monitor, bearer(GOOGLE.token())) == 204
    fresh = Key("k2")
    keys.keys = [fresh]
    wait_until(lambda: push(monitor, bearer(fresh.token())) == 204, 60, "the new key is taken",
               pause=1)
    assert keys.requests == 2, "asked for once, not with every push"
    assert push(monitor, bearer(GOOGLE.token())) == 401


def test_without_keys_pushes_come_again_and_readiness_says_so(programs, ledger, keys):
    keys.broken = (500, b"down", 0)
    monitor = SlowMonitor(programs, ledger, *verifying(keys))
    assert push(monitor, bearer(GOOGLE.token())) == 503
    status, text = fetch(f"{monitor.url}/readiness")
    assert status == 503 and "no keys" in text, text
    for broken in (b"<html>", b"[]", b"x" * 1_000_000):
        keys.broken = (200, broken, 0)
        assert push(monitor, bearer(GOOGLE.token())) == 503
    keys.broken = None
    wait_until(lambda: push(monitor, bearer(GOOGLE.token())) == 204, 60, monitor.program.text,
               pause=0.5)
    wait_until(monitor.ready, 20, "the monitor is ready")
    keys.broken = (500, b"down", 0)
    assert push(monitor, bearer(GOOGLE.token())) == 204


def test_behind_cloud_run_the_mark_is_trusted(programs, ledger):
    env = {"K_SERVICE": "walpulse-monitor", "WALPULSE_PUSH_SERVICE_ACCOUNT": ACCOUNT}
    monitor = Monitor(programs, ledger, "--single-instance", env=env)
    checked = GOOGLE.token().rpartition(".")[0] + ".SIGNATURE_REMOVED_BY_GOOGLE"
    assert push(monitor, bearer(checked)) == 204
    assert push(monitor, bearer(GOOGLE.token())) == 401, "nobody has checked it"
    other = GOOGLE.token(email="reader@example.com").rpartition(".")[0]
    assert push(monitor, bearer(f"{other}.SIGNATURE_REMOVED_BY_GOOGLE")) == 403


def test_a_pulling_monitor_may_refuse_all(programs, ledger):
    monitor = Monitor(programs, ledger, "--push-auth", "refuse")
    assert push(monitor, bearer(GOOGLE.token())) == 403


@pytest.mark.parametrize("arguments, said", [
    (["--http-address", "0.0.0.0"], "--push-auth verify"),
    (["--push-auth", "platform"], "K_SERVICE"),
    (["--push-auth", "verify"], "--push-audience"),
    (["--push-audience", AUDIENCE], "--push-auth verify"),
    (["--push-auth", "maybe"], "none of verify, platform, none, refuse"),
])
def test_an_open_door_is_refused_with_the_remedy(arguments, said):
    for command in ("serve", "doctor"):
        done = run("walpulse-monitor", command, "--ledger", "memory", *arguments)
        assert done.returncode == (64 if command == "serve" or "maybe" in arguments else 1)
        assert said in done.stdout + done.stderr, done.stdout + done.stderr


def test_doctor_fetches_the_keys(keys):
    done = run("walpulse-monitor", "doctor", "--ledger", "memory", *verifying(keys))
    assert done.returncode == 0 and "1 keys from" in done.stdout, done.stdout
    keys.broken = (404, b"", 0)
    done = run("walpulse-monitor", "doctor", "--ledger", "memory", *verifying(keys))
    assert done.returncode == 1 and "FAIL  push keys" in done.stdout, done.stdout
    assert "HTTPS_PROXY" in done.stdout


def test_doctor_says_as_whom_google_is_asked():
    with ShortTokens("secret-token") as metadata:
        env = {**metadata.environment(), "GOOGLE_CLOUD_QUOTA_PROJECT": "billed-project",
               "HOME": "/nonexistent"}
        subscription = ("--subscription", "projects/my-project/subscriptions/walpulse")
        done = run("walpulse-monitor", "doctor", "--ledger", "memory", *subscription, env=env)
        assert "the attached service account" in done.stdout, done.stdout
        assert "billed-project" in done.stdout and "secret-token" not in done.stdout
    done = run("walpulse-monitor", "doctor", "--ledger", "memory", *subscription, env=env)
    assert done.returncode == 1 and "FAIL  credentials" in done.stdout, done.stdout


def test_the_connector_pushes_with_its_identity(programs, ledger, source, keys):
    monitor = Monitor(programs, ledger, *verifying(keys))
    with ShortTokens("unused", GOOGLE) as metadata:
        env = {**metadata.environment(), "HOME": "/nonexistent"}
        connector = source.connector(f"{monitor.url}/push", "--push-audience", AUDIENCE, env=env)
        source.insert_run()
        source.wait_confirmed()
        assert connector.stop() == 0
    monitor.wait_total(1, "walpulse_event_processed_count_total", outcome="applied")
