"""When a cron expression fires, as croniter has it: the same expressions and instants, asked of both.

Mage 0.9.80 carries croniter 6.0.0 (mage_ai/shared/croniter.py: the same code, reformatted), so that is the
version in requirements.txt; another one answers for another Mage. `EXPRESSIONS=14000 make test-integration
TESTS=tests_integration/monitor/test_cron.py` asks 112,000 questions: two minutes, and too long for each run of all."""
import datetime
import itertools
import os
import random
import subprocess

import pytest
from croniter import croniter
from croniter.croniter import CroniterBadDateError, CroniterError

from harness.programs import program_path

EXPRESSIONS = int(os.environ.get("EXPRESSIONS", 3_500))
INSTANTS = 8  # of each
MISSPELT = 10_000
SEED = int(os.environ.get("SEED", 1))

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()
DAY, MONTH, WEEKDAY = 2, 3, 4


def value(rng, index):
    names = {MONTH: MONTHS, WEEKDAY: DAYS}.get(index)
    if names and rng.random() < .3:
        return rng.choice((str, str.upper, str.title))(rng.choice(names))
    return str(rng.randint(*RANGES[index]))


def element(rng, index):
    kind = rng.random()
    step = f"/{rng.randint(1, RANGES[index][1] + 2)}"
    if kind < .1:
        return "*"
    if kind < .2:
        return "*" + step
    if kind < .28:
        return value(rng, index) + step
    if kind < .45:
        return f"{value(rng, index)}-{value(rng, index)}{rng.choice(('', '', step))}"
    if index == DAY and kind < .55:
        return rng.choice(("l", "L", f"{value(rng, DAY)}-L", f"{value(rng, DAY)}-l{step}"))
    if index == WEEKDAY and kind < .65:
        return rng.choice((f"{value(rng, WEEKDAY)}#{rng.randint(1, 5)}", f"L{rng.randint(0, 7)}",
                           f"{rng.choice(DAYS)}-{rng.choice(DAYS)}#{rng.randint(1, 5)}"))
    return value(rng, index)


def expression(rng):
    def field(index):
        if rng.random() < (.35, .35, .35, .5, .45)[index]:
            return "?" if index in (DAY, WEEKDAY) and rng.random() < .1 else "*"
        return ",".join(element(rng, index) for _ in range(rng.choice((1, 1, 1, 2, 3))))
    return " ".join(map(field, range(5)))


def misspelt(rng):
    text = list(expression(rng))
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(len(text))
        text[at:at + rng.choice((0, 1, 2))] = rng.choice("0123456789*/,-#?LlHhRr@ azAZ_&()\u00a0")
    return "".join(text)


def instant(rng):
    """Anywhere from 1971 to 2098, often at the edges of minutes, months and leap years."""
    first = datetime.datetime(rng.choice((2024, rng.randint(1971, 2098))), rng.choice((2, 3, rng.randint(1, 12))), 1,
                              tzinfo=datetime.UTC)
    return int(first.timestamp()) + rng.choice((
        rng.randrange(-3, 4), rng.randrange(32 * 86_400), rng.randrange(32 * 1440) * 60 + rng.randrange(-1, 2)))


def ours(questions):
    """(next, previous), or None for an expression that is refused; an instant that never comes is None."""
    lines = "".join(f"{text}\t{at}\n" for text, at in questions)
    done = subprocess.run([program_path("cron_lines")], input=lines, capture_output=True, text=True, check=True, timeout=300)
    answers = done.stdout.splitlines()
    assert len(answers) == len(questions)
    return [None if answer == "refused" else
            tuple(None if one == "none" else int(one) for one in answer.split("\t")) for answer in answers]


def theirs(cron, at):
    def asked(move):
        try:
            return int(move(start_time=at))
        except CroniterBadDateError:
            return None
    return asked(cron.get_next), asked(cron.get_prev)


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def passed_over(cron, text, at, they, we):
    """Whether croniter passes over an instant that it fires at, for one of the reasons that
    monitor/schedule/cron.h names."""
    dates = [date for date in cron.expanded[DAY] if date not in ("*", "l")]

    def forwards():
        """It counts up to a day that the month lacks, and so lands behind the begin of the next one."""
        day = utc(we[0])
        last_of_month, first = (day + datetime.timedelta(1)).day == 1, day.replace(day=1)
        lacking = max(dates) > (day.day if last_of_month else (first - datetime.timedelta(1)).day)
        return at < we[0] < they[0] and lacking and (
            day.day in (1, 2) or last_of_month and "l" in cron.expanded[DAY])

    def backwards():
        """To it February always has 28 days."""
        day = utc(we[1])
        return they[1] < we[1] < at and 29 in dates and (day.month, day.day, utc(at).month) == (2, 29, 3)

    return all(None not in (they[n], we[n]) and (forwards, backwards)[n]()
               and croniter.match(text, utc(we[n])) for n in (0, 1) if we[n] != they[n])


def test_expressions_fire_when_croniter_says_so():
    print("SEED", SEED)
    rng = random.Random(SEED)
    texts = [expression(rng) for _ in range(EXPRESSIONS)]
    questions = [(text, instant(rng)) for text in texts for _ in range(INSTANTS)]
    answers = iter(ours(questions))
    compared = surprises = 0
    for n, text in enumerate(texts):
        asked = [(at, next(answers)) for _, at in questions[n * INSTANTS:(n + 1) * INSTANTS]]
        try:
            cron = croniter(text, 0)
        except CroniterError:
            assert {we for _, we in asked} == {None}, text
            continue
        for at, we in asked:
            they = theirs(cron, at)
            compared += 1
            if we == they == (None, None):
                break  # croniter goes through 50 years to say so
            if we != they:
                surprises += 1
                assert we is not None and passed_over(cron, text, at, they, we), (text, utc(at), they, we)
    print(compared, "compared", surprises, "surprises")
    assert compared > .9 * len(questions)
    assert surprises < .01 * compared


def test_expressions_are_refused_where_croniter_refuses_them():
    print("SEED", SEED)
    rng = random.Random(SEED)
    texts = [misspelt(rng) for _ in range(MISSPELT)]
    refused = [we is None for we in ours([(text, 1_700_000_000) for text in texts])]
    wrong = []
    for text, ours_refused in zip(texts, refused):
        fields = text.split()
        random_field = any(field.lower().startswith("r") for field in fields)
        theirs_refused = not croniter.is_valid(text)
        if ours_refused != (theirs_refused or len(fields) in (6, 7) or random_field):
            wrong.append((text, ours_refused, theirs_refused))
    assert wrong == []
    assert MISSPELT * .2 < sum(refused) < MISSPELT * .95


@pytest.mark.parametrize("before, after", [("", " * * * *"), ("0 0 ", " * *"), ("0 0 * * ", "")])
def test_every_short_field_is_read_as_croniter_reads_it(before, after):
    """Minutes, days of the month and of the week: all texts of up to five of these characters."""
    at = 1_700_000_000
    texts = [before + "".join(field) + after for length in range(1, 6)
             for field in itertools.product("026*/-#L,", repeat=length)]
    wrong, taken = [], 0
    for text, we in zip(texts, ours([(text, at) for text in texts])):
        try:
            they = theirs(croniter(text, 0), at)
            taken += 1
        except CroniterError:
            they = None
        if we != they:
            wrong.append((text, they, we))
    assert wrong == []
    assert taken > 200


def midnight(date):
    return int(datetime.datetime.fromisoformat(date + "T00:00Z").timestamp())


@pytest.mark.parametrize("text, at, they, we", [
    # Every tenth day is the 1st, 11th, 21st and 31st. On 22 February the 31st is nine days off: 3 March.
    ("0 0 */10 * *", "2026-02-22", "2026-03-11", "2026-03-01"),
    ("0 0 1,31 * *", "2026-02-02", "2026-03-31", "2026-03-01"),
    ("0 0 31,L * *", "2026-04-05", "2026-05-31", "2026-04-30"),
])
def test_croniter_passes_over_days_where_a_month_lacks_the_one_that_it_counts_up_to(text, at, they, we):
    cron = croniter(text, 0)
    assert theirs(cron, midnight(at))[0] == midnight(they)
    assert theirs(cron, midnight(we) + 1)[1] == midnight(we), "Mage makes a run of it all the same"
    assert ours([(text, midnight(at))])[0][0] == midnight(we)


@pytest.mark.parametrize("text, at, they, we", [
    ("0 0 29 * *", "2024-03-10", "2024-01-29", "2024-02-29"),
    # From here on it is found again.
    ("0 0 29 * *", "2024-03-29", "2024-02-29", "2024-02-29"),
])
def test_croniter_passes_over_29_february_going_back_from_march(text, at, they, we):
    cron = croniter(text, 0)
    assert theirs(cron, midnight(at))[1] == midnight(they)
    assert theirs(cron, midnight(we) + 1)[1] == midnight(we), "Mage makes a run of it all the same"
    assert ours([(text, midnight(at))])[0][1] == midnight(we)


def test_never_is_croniters_never():
    """Where one half of the OR can never come, croniter raises, and Mage makes no run at all."""
    for text in ("0 0 30 2 *", "0 0 30 2 1", "0 0 15 * 1#1", "0 0 31 4,6 mon#5,l5"):
        at = 1_700_000_000
        assert theirs(croniter(text, 0), at) == (None, None) == ours([(text, at)])[0], text
