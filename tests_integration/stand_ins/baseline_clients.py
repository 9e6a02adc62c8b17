"""Clients that push events of their own, one after the other, or only ask whether the server is alive.
Each answer is a line on stdout, status and seconds. They end with stdin.

    python3 -m stand_ins.baseline_clients PORT [GOLDEN]      (in tests_integration/)

A program of its own, so that how long an answer took is the server's word and not that of those who
make bodies of 100 MiB in the same interpreter.
"""
import http.client
import itertools
import json
import pathlib
import sys
import threading
import time

from harness import chaos_delivery

CLIENTS = 4
PAUSE_SECONDS = 0.02


def event(number, golden):
    """An insert of a run of its own."""
    made = json.loads(golden)
    made["after"]["id"] = number
    made["source"].update(lsn=number * 100, commit_lsn=number * 100 + 50,
                          sequence=f'["{number * 100 + 50}","{number * 100}"]')
    return made


def pushed(number, golden):
    """The arguments of a request."""
    return "POST", "/push", json.dumps(chaos_delivery.envelope({
        "data": json.dumps(event(number, golden)).encode(), "messageId": str(number),
        "attributes": {"ce-type": "walpulse.change", "schema_version": "1"}})), {
            "Content-Type": "application/json"}


def call(port, golden, numbers, ended, keeps):
    """On a kept connection, or on a new one each time."""
    connection = None
    while not ended.is_set():
        number = next(numbers)
        request = pushed(number, golden) if golden else ("GET", "/liveness")
        began = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request(*request)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            status, connection = type(error).__name__, None
        sys.stdout.write(f"{status} {time.monotonic() - began}\n")
        sys.stdout.flush()
        if connection is not None and not keeps:
            connection.close()
            connection = None
        ended.wait(PAUSE_SECONDS)


def main(port, golden=None):
    numbers, ended = itertools.count(1), threading.Event()
    threads = [threading.Thread(target=call, args=(port, golden, numbers, ended, index % 2 == 0))
               for index in range(CLIENTS)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    ended.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), *(pathlib.Path(path).read_text() for path in sys.argv[2:]))
