"""Who may read and who may write: real processes, real signatures, every way of proof."""
import http.client
import json
import socket

import pytest

from harness.flow import Monitor
from harness.postgres import free_port
from harness.programs import fetch, run, wait_until
from stand_ins.identity import (ACCOUNT, AUDIENCE, IAP_AUDIENCE, READER, IapKey, Key, KeySet,
                                base64url)

pytestmark = pytest.mark.statement("readers")

GOOGLE = Key("k1")
IAP = IapKey("k1")
READER_AUDIENCE = "https://walpulse.example.com"
MARK = "SIGNATURE_REMOVED_BY_GOOGLE"


class SlowMonitor(Monitor):
    """One that may not be read: its readiness is all that is waited for."""

    def ready(self):
        return fetch(f"{self.url}/readiness")[0] == 200


@pytest.fixture
def google_keys():
    with KeySet(GOOGLE) as started:
        yield started


@pytest.fixture
def iap_keys():
    with KeySet(IAP) as started:
        yield started


def ask(monitor, headers=(), method="GET", path="/metrics", body=None, host=None):
    """(status, parsed problem or text) of one request with exactly these headers."""
    connection = http.client.HTTPConnection("127.0.0.1", monitor.port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{monitor.port}")
    for name, value in dict(headers).items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    with connection.getresponse() as answer:
        text = answer.read().decode()
        if answer.headers["Content-Type"] == "application/problem+json":
            problem = json.loads(text)
            assert problem["status"] == answer.status and problem["detail"], text
            return answer.status, problem["type"].removeprefix("/docs#")
        return answer.status, text


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def assertion(token):
    return {"x-goog-iap-jwt-assertion": token}


def rs256_assertion():
    return GOOGLE.token(iss="https://cloud.google.com/iap", aud=IAP_AUDIENCE, email=READER)


def reader_token(**claims):
    return GOOGLE.token(**{"aud": READER_AUDIENCE, "email": READER, "hd": "example.com", **claims})


def iap_monitor(programs, ledger, keys, *arguments):
    return SlowMonitor(programs, ledger, "--readers", "iap", "--iap-audience", IAP_AUDIENCE,
                       "--iap-keys-url", f"{keys.url}/keys", *arguments)


def wait_for_keys(monitor, headers):
    wait_until(lambda: ask(monitor, headers)[0] != 503, 20, monitor.program.text, pause=0.2)


def test_this_machine_reads_by_its_own_name(programs, ledger):
    monitor = Monitor(programs, ledger)
    assert ask(monitor)[0] == 200
    for host in ("localhost", f"localhost:{monitor.port}", "[::1]", "walpulse.localhost:1"):
        assert ask(monitor, host=host)[0] == 200, host
    for host in ("evil.example.com", f"evil.example.com:{monitor.port}",
                 "127.0.0.1.evil.example.com", "10.0.0.5", "0.0.0.0"):
        for path in ("/", "/metrics", "/health", "/api/v1/problems"):
            assert ask(monitor, path=path, host=host) == (421, "wrong-host"), (host, path)
        assert ask(monitor, path="/liveness", host=host)[0] == 200
        assert ask(monitor, path="/readiness", host=host)[0] == 200


def test_a_person_is_told_in_a_page(programs, ledger):
    monitor = Monitor(programs, ledger)
    status, text = ask(monitor, {"Accept": "text/html,*/*;q=0.8"}, path="/", host="evil.example.com")
    assert status == 421 and "<!doctype html>" in text and "localhost" in text


def test_a_page_of_elsewhere_neither_reads_nor_writes_nor_pushes(programs, ledger):
    monitor = Monitor(programs, ledger)
    elsewhere = {"Origin": "https://evil.example.com", "Content-Type": "application/json"}
    body = b"{}"
    mutes = "/api/v1/mutes"
    for headers in (elsewhere, {**elsewhere, "Origin": "null"},
                    {**elsewhere, "Origin": f"http://127.0.0.1:{monitor.port}",
                     "Sec-Fetch-Site": "cross-site"},
                    {**elsewhere, "Origin": f"http://127.0.0.1:{monitor.port + 1}"}):
        assert ask(monitor, headers, "POST", mutes, body) == (403, "cross-site"), headers
        assert ask(monitor, headers, "DELETE", f"{mutes}/1") == (403, "cross-site"), headers
    assert ask(monitor, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
               path="/metrics") == (403, "cross-site")
    assert ask(monitor, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
               path="/")[0] == 200, "a link in a message"
    assert ask(monitor, elsewhere, "POST", "/push", body)[0] == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert ask(monitor, {"Content-Type": kind}, "POST", mutes, body) == (415, "not-json")
    assert ask(monitor, {"Content-Type": "application/json"}, "POST", "/metrics", body) == (
        405, "method-not-allowed")
    assert ask(monitor, path=mutes, body=body) == (400, "no-body")


def test_where_nobody_reads_the_right_to_push_is_no_right_to_read(programs, ledger, google_keys):
    metrics = free_port()
    pushes = ("--push-auth", "verify", "--push-audience", AUDIENCE, "--push-service-account",
              ACCOUNT, "--push-keys-url", f"{google_keys.url}/certs")
    monitor = SlowMonitor(programs, ledger, "--readers", "none", *pushes,
                          "--metrics-address", f"127.0.0.1:{metrics}")
    for path in ("/", "/metrics", "/health", "/api/v1/problems", "/nowhere"):
        for headers in ({}, bearer(GOOGLE.token()), {"X-Forwarded-For": "127.0.0.1"}):
            assert ask(monitor, headers, path=path) == (503, "reading-is-off"), path
    assert ask(monitor, bearer(GOOGLE.token()), path="/push")[0] == 405, "may push"
    status, text = fetch(f"http://127.0.0.1:{metrics}/metrics")
    assert status == 200 and "walpulse_" in text
    for path, expected in (("/health", 200), ("/readiness", 200), ("/liveness", 200), ("/", 404),
                           ("/api/v1/problems", 404), ("/push", 404)):
        assert fetch(f"http://127.0.0.1:{metrics}{path}")[0] == expected, path


def test_iap_lets_in_whom_it_signed_for(programs, ledger, iap_keys):
    monitor = iap_monitor(programs, ledger, iap_keys)
    wait_for_keys(monitor, assertion(IAP.assertion()))
    assert ask(monitor, assertion(IAP.assertion()))[0] == 200
    assert ask(monitor, assertion(IAP.assertion()), host="walpulse.example.com")[0] == 200
    assert ask(monitor) == (401, "sign-in")
    assert ask(monitor, bearer(IAP.assertion())) == (401, "sign-in")
    assert ask(monitor, {"X-Goog-Authenticated-User-Email": f"accounts.google.com:{READER}"}) == (
        401, "sign-in")
    assert ask(monitor, {**assertion(IAP.assertion()), "Content-Type": "application/json"}, "POST",
               "/api/v1/mutes", b"{}") == (403, "not-a-writer")


@pytest.mark.parametrize("token", [
    "", "garbage", "a.b.c", "x" * 9000,
    IapKey("k1").assertion(), IAP.assertion(header={"kid": "made-up"}),
    IAP.assertion(header={"alg": "none"}).rpartition(".")[0] + ".",
    IAP.assertion(header={"alg": "HS256"}), IAP.assertion(header={"alg": "RS256"}),
    IAP.assertion(der=True), IAP.assertion().rpartition(".")[0] + "." + base64url(bytes(64)),
    IAP.assertion().rpartition(".")[0] + "." + MARK,
    rs256_assertion(),
    IAP.assertion(exp=1_700_000_000), IAP.assertion(iat=4_000_000_000), IAP.assertion(exp=None),
    IAP.assertion(iss="https://accounts.google.com"),
    IAP.assertion(aud="/projects/123456789012/locations/europe-west1/services/other"),
    IAP.assertion(email=None),
], ids=["empty", "garbage", "three-parts", "long", "other-signer", "unknown-kid", "none", "hs256",
        "says-rs256", "der", "zeros", "marker", "rs256", "expired", "future", "no-exp", "issuer",
        "audience", "no-email"])
def test_what_iap_did_not_sign_for_this_page_is_refused(programs, ledger, iap_keys, token):
    monitor = iap_monitor(programs, ledger, iap_keys)
    wait_for_keys(monitor, assertion(IAP.assertion()))
    assert ask(monitor, assertion(token)) == (401, "sign-in")
    assert not token or token[-40:] not in monitor.program.text(1000)


def test_a_rotated_key_of_iap_is_fetched_with_its_first_assertion(programs, ledger, iap_keys):
    monitor = iap_monitor(programs, ledger, iap_keys)
    wait_for_keys(monitor, assertion(IAP.assertion()))
    fresh = IapKey("k2")
    iap_keys.keys = [fresh]
    wait_until(lambda: ask(monitor, assertion(fresh.assertion()))[0] == 200, 60,
               "the new key is taken", pause=1)
    assert iap_keys.requests == 2, "asked for once, not with every request"
    assert ask(monitor, assertion(IAP.assertion())) == (401, "sign-in")


def test_without_keys_nobody_reads_and_messages_are_taken(programs, ledger, iap_keys):
    iap_keys.broken = (500, b"down", 0)
    monitor = iap_monitor(programs, ledger, iap_keys)
    assert monitor.ready(), "who pushes needs no keys of IAP's"
    assert ask(monitor, assertion(IAP.assertion())) == (503, "keys-away")


def test_readers_and_writers_are_narrowed_by_name(programs, ledger, iap_keys):
    monitor = iap_monitor(programs, ledger, iap_keys, "--reader", "example.com", "--writer", READER)
    wait_for_keys(monitor, assertion(IAP.assertion()))
    assert ask(monitor, assertion(IAP.assertion()))[0] == 200
    # An address of the organization's, of an account that it does not know.
    assert ask(monitor, assertion(IAP.assertion(hd=None))) == (403, "not-a-reader")
    bob = assertion(IAP.assertion(email="bob@example.com"))
    assert ask(monitor, bob)[0] == 200
    written = {**bob, "Content-Type": "application/json"}
    assert ask(monitor, written, "POST", "/api/v1/mutes", b"{}") == (403, "not-a-writer")
    assert ask(monitor, written, "DELETE", "/api/v1/mutes/1") == (403, "not-a-writer")


def test_google_lets_in_whom_it_signed_for(programs, ledger, google_keys):
    monitor = SlowMonitor(programs, ledger, "--readers", "google", "--reader-audience",
                          READER_AUDIENCE, "--reader", "example.com", "--push-keys-url",
                          f"{google_keys.url}/certs")
    wait_for_keys(monitor, bearer(reader_token()))
    assert ask(monitor, bearer(reader_token()))[0] == 200
    for refused in (reader_token(aud=AUDIENCE), reader_token(email_verified=False),
                    reader_token(exp=1_700_000_000), reader_token(header={"alg": "none"}),
                    reader_token(iss="https://cloud.google.com/iap"), Key("k1").token(),
                    reader_token().rpartition(".")[0] + "." + MARK, IAP.assertion()):
        assert ask(monitor, bearer(refused)) == (401, "sign-in"), refused
    assert ask(monitor, bearer(reader_token(hd=None))) == (403, "not-a-reader")
    assert ask(monitor, bearer(reader_token(hd="other.example.com"))) == (403, "not-a-reader")


def test_behind_cloud_run_its_mark_is_trusted(programs, ledger):
    env = {"K_SERVICE": "walpulse-page", "WALPULSE_PUSH_AUTH": "refuse"}
    monitor = SlowMonitor(programs, ledger, "--single-instance", "--readers", "platform", env=env)
    checked = reader_token(aud="any").rpartition(".")[0] + "." + MARK
    assert ask(monitor, bearer(checked))[0] == 200
    assert ask(monitor, {"X-Serverless-Authorization": f"Bearer {checked}"})[0] == 200
    assert ask(monitor, bearer(reader_token())) == (401, "sign-in"), "nobody has checked it"
    assert ask(monitor, {**bearer(checked), "X-Serverless-Authorization": "Bearer a.b.c"}) == (
        401, "sign-in")


def test_a_token_of_the_file_lets_in(programs, ledger, tmp_path):
    file = tmp_path / "tokens"
    file.write_text("# the wall\nwall 0123456789abcdef-1\n")
    monitor = SlowMonitor(programs, ledger, "--readers", "token", "--reader-token-file", str(file))
    assert ask(monitor, bearer("0123456789abcdef-1"))[0] == 200
    assert ask(monitor, bearer("0123456789abcdef-2")) == (401, "sign-in")
    assert ask(monitor) == (401, "sign-in")
    assert "0123456789abcdef-1" not in monitor.program.text(1000)
    file.write_text("wall short\n")
    done = run("walpulse-monitor", "serve", "--ledger", "memory", "--readers", "token",
               "--reader-token-file", str(file), "--http-port", "0")
    assert done.returncode == 69 and "line 1" in done.stderr + done.stdout, done.stderr


def test_a_write_that_is_refused_is_not_waited_for(programs, ledger):
    monitor = Monitor(programs, ledger)
    with socket.create_connection(("127.0.0.1", monitor.port), timeout=20) as client:
        client.sendall(b"POST /api/v1/mutes HTTP/1.1\r\nHost: evil.example.com\r\n"
                       b"Content-Length: 10000000\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("arguments, said", [
    (["--readers", "iap"], "--iap-audience"),
    (["--readers", "google"], "--reader-audience"),
    (["--readers", "platform"], "K_SERVICE"),
    (["--readers", "token"], "--reader-token-file"),
    (["--readers", "loopback", "--http-address", "0.0.0.0", "--push-auth", "refuse"],
     "--http-address 127.0.0.1"),
    (["--iap-audience", IAP_AUDIENCE], "add --readers iap"),
    (["--writer", "ana@"], "--writer ana@example.com"),
    (["--metrics-address", "9090"], "--metrics-address 0.0.0.0:9090"),
])
def test_what_does_not_fit_together_is_refused_with_the_remedy(arguments, said):
    done = run("walpulse-monitor", "serve", "--ledger", "memory", *arguments)
    assert done.returncode == 64 and said in done.stderr, done.stderr
