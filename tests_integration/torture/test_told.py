"""What the torture run asks of who was told: each way in which it can be wrong is seen."""
from types import SimpleNamespace

import pytest

from torture import told

pytestmark = pytest.mark.statement("torture")

KEY = "5e/mage:7/COMPLETED/1"
SENT = (told.CALL, told.SENT, "next", KEY, "")
WAITS = (told.CALL, 0, "next", KEY, "")
AGAIN = (told.CALL, told.SENT, "next", "5e/mage:7/COMPLETED/2", "")


def wrong(monkeypatch, made, due, acted, past=(), violations=()):
    monkeypatch.setattr(told, "deliveries", lambda world: made)
    monkeypatch.setattr(told, "due", lambda world: due)
    receiver = SimpleNamespace(acted=dict.fromkeys(acted, b""), violations=list(violations))
    return told.all_that_was_due(SimpleNamespace(past=set(past), receiver=receiver))


def test_what_is_as_it_should_be_is_not_told(monkeypatch):
    assert wrong(monkeypatch, [SENT], {7: 1}, [KEY]) == []
    assert wrong(monkeypatch, [SENT], {7: 1, 8: 1}, [KEY], past=[8]) == [], "a replay may have said it first"


@pytest.mark.parametrize("made, due, acted, violations, says", [
    ([SENT], {7: 1, 8: 1}, [KEY], [], "1 runs were not called for as they ended (run, ends, calls): [(8, 1, 0)]"),
    ([SENT, AGAIN], {7: 1}, [KEY, AGAIN[3]], [], "1 runs were not called for as they ended (run, ends, calls): [(7, 1, 2)]"),
    ([WAITS], {7: 1}, [], [], f"1 deliveries were not sent: [{WAITS}]"),
    ([SENT], {7: 1}, [], [], f"1 keys were acted on and not known as sent, or the other way: ['{KEY}']"),
    ([SENT], {7: 1}, [KEY], ["another body"], "1 times the receiver's rules were broken: ['another body']"),
], ids=["left out", "twice", "waits", "not acted on", "another body"])
def test_what_is_wrong_is_told(monkeypatch, made, due, acted, violations, says):
    assert wrong(monkeypatch, made, due, acted, violations=violations) == [says]


def test_a_run_in_which_nothing_is_called_for_shows_nothing(monkeypatch):
    assert wrong(monkeypatch, [], {}, []) == ["nothing was called for, 0 ends"]
