"""A line about a message names the trace that its publisher sent along (googclient_traceparent), by
push and by pull, so that Cloud Logging shows it beside the request."""
import base64
import json

import pytest

from harness.emulator import PROJECT
from harness.flow import Monitor
from harness.programs import wait_until

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
OF_A_LATER_VERSION = {"schema_version": "99", "googclient_traceparent": TRACEPARENT}


def lines(monitor):
    return [json.loads(line) for line in monitor.program.text(1000).splitlines()
            if line.startswith("{")]


@pytest.mark.parametrize("how", ["push", "pull"])
def test_a_deferred_message_is_logged_in_its_trace(programs, ledger, emulator, topic, how):
    arguments, name = (), f"deferred-{how}"
    if how == "pull":
        arguments = ("--subscription", emulator.create_subscription(name, topic[0]))
    monitor = Monitor(programs, ledger, *arguments,
                      env={**emulator.environment(), "GOOGLE_CLOUD_PROJECT": PROJECT})
    if how == "push":
        emulator.create_subscription(name, topic[0], push=f"{monitor.url}/push")
    emulator.call("POST", f"topics/{topic[0]}:publish", {"messages": [
        {"data": base64.b64encode(b"{}").decode(), "attributes": OF_A_LATER_VERSION}]})

    def found():
        return [line for line in lines(monitor) if "schema version" in line["message"]]

    wait_until(found, 30, monitor.program.text)
    line = found()[0]
    assert line["logging.googleapis.com/trace"] == f"projects/{PROJECT}/traces/{TRACE}", line
    assert line["logging.googleapis.com/trace_sampled"] is True
    assert line["severity"] == "ERROR" and line["@type"].endswith("ReportedErrorEvent"), line
