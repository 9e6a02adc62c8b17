"""Who was told and what was called, beside what Mage's table says: a receiver that fails as the others do, the
rules that name it, and what must hold of it at the end."""
import collections
import itertools

import psycopg

from stand_ins.receiver import RESET
from stand_ins.webhook_receiver import JSON, WebhookReceiver

# A part of the runs: some are called for, some are not. None is too old, though the source's clock jumps by hours.
CALLED = "daily_"
RULES = """
[channel.next]
type = "webhook"
url = "{url}/next"

[channel.people]
type = "webhook"
url = "{url}/people"

[[notify]]
to = "people"
first = "1s"
then = "2s"

[[after]]
match = "{called}*"
is = "completed"
call = "next"
at_most = "100000 per minute"
not_older_than = "1d"
"""
ANSWERS = {"429": (429, {**JSON, "Retry-After": "1"}, b"{}"), "500": (500, JSON, b"{}"), "reset": RESET}
CALL, SENT = 1, 1  # Delivery::Kind and State, as they are stored
SHOWN = 5


class Receiver(WebhookReceiver):
    """Acts once for each key; while there is trouble it acts, or not, and says neither."""

    def __init__(self):
        self.trouble = None
        self.turns = itertools.count()
        super().__init__()

    def answer(self, *request):
        trouble = self.trouble
        if trouble and next(self.turns) % 2:
            super().answer(*request)  # it was taken, and nobody hears of it
        if trouble:
            self.fail_with(ANSWERS[trouble])
        return super().answer(*request)


def rules(url):
    return RULES.format(url=url, called=CALLED)


def end_of_the_past(world, settle):
    """A new ledger tells nothing of what was confirmed in its first `settle`: that is over at once, as nothing
    was yet."""
    with psycopg.connect(world.ledger_server.dsn("ledger", "ledger"), connect_timeout=5) as connection:
        connection.execute("UPDATE walpulse_ledger.ledger SET intake = intake + %s",
                           [1000 * int(settle.removesuffix("s"))])


def deliveries(world):
    """[(kind, state, channel, key, answer)] of the ledger."""
    with psycopg.connect(world.ledger_server.dsn("ledger", "ledger"), connect_timeout=5) as connection:
        return connection.execute(
            "SELECT kind, state, convert_from(channel, 'UTF8'), convert_from(key, 'UTF8'), "
            "convert_from(answer, 'UTF8') FROM walpulse_ledger.delivery").fetchall()


def waiting(world):
    """What was not handled yet: what happened, notices and deliveries."""
    with psycopg.connect(world.ledger_server.dsn("ledger", "ledger"), connect_timeout=5) as connection:
        [[happenings, notices, unsent]] = connection.execute(
            "SELECT (SELECT count(*) FROM walpulse_ledger.happening), "
            "(SELECT count(*) FROM walpulse_ledger.notice WHERE delivery IS NULL), "
            "(SELECT count(*) FROM walpulse_ledger.delivery WHERE state = 0)").fetchall()
    return happenings + notices + unsent


def due(world):
    """{run: how often it completed} of the runs that something is called for."""
    return dict(world.source.execute(
        "SELECT id, count(*) FROM walpulse_truth.step "
        "WHERE enters AND status = 'COMPLETED' AND starts_with(life_pipeline, %s) GROUP BY id", [CALLED]))


def all_that_was_due(world):
    """Each end is called for once, but for what a replay or a snapshot may have said first; all was taken,
    and whoever honours the key acted once."""
    made = deliveries(world)
    called = collections.Counter(int(key.split("/")[1].split(":")[1]) for kind, _, _, key, _ in made if kind == CALL)
    wanted = due(world)
    wrong = [(run, wanted.get(run, 0), called[run]) for run in {*wanted, *called}
             if called[run] > wanted.get(run, 0) or called[run] < wanted.get(run, 0) and run not in world.past]
    unsent = [one for one in made if one[1] != SENT]
    sent, acted = {key for _, state, _, key, _ in made if state == SENT}, set(world.receiver.acted)
    found = []
    for what, some in (("runs were not called for as they ended (run, ends, calls)", wrong),
                       ("deliveries were not sent", unsent),
                       ("keys were acted on and not known as sent, or the other way", sorted(sent ^ acted)),
                       ("times the receiver's rules were broken", world.receiver.violations)):
        found += [f"{len(some)} {what}: {some[:SHOWN]}"] if some else []
    if not called:
        found.append(f"nothing was called for, {sum(wanted.values())} ends")
    return found


def summary(world):
    made = deliveries(world)
    return {"calls_due": sum(due(world).values()), "runs_told_of_by_the_past": len(world.past), "calls": sum(kind == CALL for kind, *_ in made),
            "messages": sum(kind != CALL for kind, *_ in made), "taken_again": world.receiver.repeats,
            "requests": world.receiver.requests}
