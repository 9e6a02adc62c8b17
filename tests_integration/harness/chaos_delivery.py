"""A delivery as bad as Pub/Sub may be: 5 % of the messages late, all of them twice, shuffled.

Takes what a subscription holds and pushes it to a monitor; the seed decides the order.
"""
import base64
import contextlib
import http.client
import json
import random
import threading
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from harness.programs import wait_until

LATE_SHARE = 0.05
JITTER = 50          # messages: how far neighbours overtake one another
LATENESS = 5_000     # messages: how far the late ones fall back


def bad_order(count, seed, late_share=LATE_SHARE):
    """Indexes of `count` messages, each twice, in the order in which they are delivered."""
    rng = random.Random(seed)
    places = []
    for index in range(count):
        for _ in range(2):
            lateness = LATENESS if rng.random() < late_share else JITTER
            places.append((index + rng.random() * lateness, index))
    return [index for _, index in sorted(places)]


def envelope(message, subscription="projects/walpulse-local/subscriptions/relay"):
    """Pub/Sub's push body for a message as Emulator.pull gives it."""
    data = base64.b64encode(message["data"]).decode()
    body = {"attributes": message.get("attributes", {}), "data": data,
            "messageId": message["messageId"], "message_id": message["messageId"],
            "publishTime": message.get("publishTime", "2026-11-21T00:00:00Z")}
    return {"message": body, "subscription": subscription}


def push(url, body, timeout=30):
    """POSTs a push body (a dict, or raw bytes); returns the status."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def is_change(message):
    return message["attributes"]["ce-type"] == "walpulse.change"


def changes(emulator, subscription, wanted, seconds=60):
    """(changes, others) of a subscription, each change once and in the order of the log; waits
    until there are `wanted`."""
    found, others = {}, []

    def all_there():
        for message in emulator.pull(subscription):
            if is_change(message):
                found.setdefault(message["attributes"]["ce-id"], message)
            else:
                others.append(message)
        return len(found) >= wanted

    wait_until(all_there, seconds, lambda: f"{len(found)} of {wanted} changes")
    return list(found.values()), others


@contextlib.contextmanager
def passing_on(emulator, subscription, *urls):
    """Meanwhile a connector's further messages, heartbeats mostly, go to every one of the monitors:
    while nothing comes their intake clocks stand still."""
    ending = threading.Event()

    def run():
        while not ending.wait(0.2):
            with contextlib.suppress(OSError):
                for message in emulator.pull(subscription):
                    for url in urls:
                        push(url, envelope(message))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def deliver(messages, url, seed, connections=16):
    """Pushes every message twice in a bad order; fails unless each push is acknowledged."""
    deliver_in(bad_order(len(messages), seed), messages, url, connections)


def deliver_in(order, messages, url, connections=1):
    """Pushes messages by their indexes; fails unless each push is acknowledged."""
    bodies = [json.dumps(envelope(message)).encode() for message in messages]
    target = urllib.parse.urlsplit(url)
    mine = threading.local()  # a connection for each thread, kept alive as Pub/Sub does

    def post(index):
        if not hasattr(mine, "connection"):
            mine.connection = http.client.HTTPConnection(target.hostname, target.port, timeout=30)
        mine.connection.request("POST", target.path, bodies[index],
                                {"Content-Type": "application/json"})
        answer = mine.connection.getresponse()
        answer.read()
        return answer.status

    with ThreadPoolExecutor(connections) as pool:
        statuses = set(pool.map(post, order))
    assert statuses <= {200, 204}, statuses
