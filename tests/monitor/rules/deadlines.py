#!/usr/bin/env python3
"""Compares deadlines with Python's zoneinfo: both changes of every year, in zones of every habit.

    deadlines.py DEADLINE_LINES    the program that answers with ours
"""
import datetime
import random
import subprocess
import sys
import zoneinfo

# Those with rules of their own: changes at midnight, by half an hour or two hours, in winter (Dublin,
# Casablanca), decided anew each year, ended lately, or a day left out (Apia); and many with none.
ZONES = """Africa/Cairo Africa/Casablanca Africa/El_Aaiun Africa/Lagos Africa/Windhoek America/Adak
America/Anchorage America/Asuncion America/Bogota America/Caracas America/Chicago America/Godthab
America/Havana America/Los_Angeles America/Mexico_City America/Miquelon America/New_York America/Phoenix
America/Port-au-Prince America/Santiago America/Sao_Paulo America/Scoresbysund America/St_Johns
America/Tijuana Antarctica/Casey Antarctica/Troll Asia/Almaty Asia/Amman Asia/Baku Asia/Beirut
Asia/Famagusta Asia/Gaza Asia/Hebron Asia/Hovd Asia/Jerusalem Asia/Kathmandu Asia/Kolkata Asia/Pyongyang
Asia/Shanghai Asia/Tehran Asia/Tokyo Atlantic/Azores Australia/Adelaide Australia/Brisbane Australia/Eucla
Australia/Lord_Howe Australia/Sydney Europe/Berlin Europe/Chisinau Europe/Dublin Europe/Istanbul
Europe/Lisbon Europe/London Europe/Moscow Europe/Samara Europe/Volgograd Pacific/Apia Pacific/Auckland
Pacific/Bougainville Pacific/Chatham Pacific/Easter Pacific/Fiji Pacific/Kiritimati Pacific/Norfolk
Pacific/Tongatapu UTC""".split()
FIRST_YEAR, LAST_YEAR = 2011, 2036  # the files of Debian list changes until 2037
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)


def offset(zone, second):
    return int(datetime.datetime.fromtimestamp(second, zone).utcoffset().total_seconds())


def change_between(zone, low, high):
    """The first second of another offset, by halving."""
    before = offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high


def changes(zone):
    first = int(datetime.datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    last = int(datetime.datetime(LAST_YEAR, 12, 31, tzinfo=UTC).timestamp())
    step = 86_400
    return [change_between(zone, second, second + step) for second in range(first, last, step)
            if offset(zone, second) != offset(zone, second + step)]


def instant_of(zone, local):
    """What a local time means: the first of two; the change where clocks pass over it."""
    second = int(local.replace(tzinfo=zone, fold=0).timestamp())
    if datetime.datetime.fromtimestamp(second, zone).replace(tzinfo=None) == local:
        return second
    return change_between(zone, second - 2 * 86_400, second + 2 * 86_400)


def around(zone, second, days, times):
    today = datetime.datetime.fromtimestamp(second, zone).date()
    found = []
    for on in range(-9, 10):
        day = today + on * DAY
        if day.weekday() in days:
            found += [instant_of(zone, datetime.datetime(day.year, day.month, day.day, *time))
                      for time in times]
    return max(one for one in found if one <= second), min(one for one in found if one > second)


def cases(dice):
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        seconds = changes(zone) or [dice.randrange(1_300_000_000, 2_100_000_000) for _ in range(3)]
        for change in seconds:
            shift = offset(zone, change) - offset(zone, change - 1)
            wall = datetime.datetime.fromtimestamp(change - 1, zone).replace(tzinfo=None)
            for minutes in (-30, -1, 1, abs(shift) // 120, abs(shift) // 60, -abs(shift) // 120):
                local = wall + datetime.timedelta(minutes=minutes)
                days = {local.weekday()} if dice.random() < 0.5 else set(dice.sample(range(7), 5))
                times = [(local.hour, local.minute)]
                if dice.random() < 0.3:
                    times.append((dice.randrange(24), dice.randrange(60)))
                yield name, zone, change + dice.choice([-86_400, -3_600, -1, 0, 1, 1_799, 7_200]), days, times


def main():
    dice = random.Random(20261128)
    lines, expected = [], []
    for name, zone, second, days, times in cases(dice):
        written = ",".join(DAYS[day] for day in sorted(days)) + " " + \
            ",".join("%02d:%02d" % time for time in times)
        lines.append(f"{name} {second} {written}")
        expected.append("%d %d" % around(zone, second, days, times))
    done = subprocess.run(sys.argv[1:], input="\n".join(lines) + "\n", text=True, check=True,
                          stdout=subprocess.PIPE)
    got = done.stdout.splitlines()
    wrong = [case for case in zip(lines, expected, got) if case[1] != case[2]]
    for line, right, ours in wrong[:20]:
        print(f"{line}: {ours}, zoneinfo says {right}")
    print(f"deadlines: {len(lines)} cases in {len(ZONES)} zones, {len(wrong)} wrong")
    return 1 if wrong or len(got) != len(lines) or len(lines) < 5_000 else 0


if __name__ == "__main__":
    sys.exit(main())
