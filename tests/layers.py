#!/usr/bin/env python3
"""Who may include whom, read from the table of rooms in CONTRIBUTING.md, and held against the sources;
and that no source reads meaning out of an error's text.

    tests/layers.py           every offence with its line; exit 1 where there is one
    tests/layers.py --graph   the rooms, the arrows between them, and circles

A room is a folder. A foreign header stays in the files that own it: they turn its errors into ours.
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS = ["decoder", "publisher", "connector", "monitor"]

# More arrows than these between the rooms of one part, and its rooms are no longer rooms.
ARROWS_MAX = {"publisher": 12, "monitor": 75}

# One foreign header, few files: the ones that translate its errors and types into ours.
OWNERS = {
    r"libpq-fe\.h": ["connector/stream/pq_session", "connector/stream/snapshot_stream",
                     "connector/stream/connection_parameters", "connector/stream/server_address",
                     "connector/replay/slot_batches", "publisher/database/dsn"],
    r"pqxx/.*": ["connector/catalog/sql_session", "monitor/storage/postgres/", "bench/"],
    r"sqlite3\.h": ["monitor/storage/sqlite/"],
    r"curl/curl\.h": ["publisher/http/client", "publisher/http/curl_transfer", "publisher/mail/smtp"],
    r"microhttpd\.h": ["publisher/http/server"],
    r"zlib\.h": ["publisher/http/compression"],
    r"openssl/.*": ["publisher/auth/jw", "publisher/auth/hmac", "monitor/rules/content_hash"],
    r"toml\+\+/.*": ["publisher/config/config_file", "monitor/rules/toml_document"],
    r"date/.*": ["monitor/rules/time_zone"],
    r"CLI/.*": ["publisher/config/command_line", "bench/"],
    r"nlohmann/json\.hpp": [".cpp"],
    r"spdlog/.*": ["decoder/base/logging", "publisher/telemetry/log"],
}

# An error is judged by its kind and its code; its message is for people, and its remedy a field of its own.
READS_A_MESSAGE = re.compile(r"\.message\s*([!=]=|\.(r?find|starts_with|ends_with|contains|substr|compare)\w*\()")


def table():
    """The rooms of CONTRIBUTING.md: {room: those that it may include}. A row is
    | `room` | what it is | `another`, `a third` |; "anything" lifts the rule."""
    rooms = {}
    for line in (ROOT / "CONTRIBUTING.md").read_text().splitlines():
        row = re.match(r"\| `([^`]+)` \|.*\|([^|]*)\|$", line)
        if row:
            rooms[row[1]] = None if "anything" in row[2] else re.findall(r"`([^`]+)`", row[2])
    return rooms


def room_of(path, rooms):
    """The longest room whose folder holds `path`."""
    return max((r for r in rooms if path.startswith(r + "/")), key=len, default=None)


def sources():
    for part in [*PARTS, "bench"]:
        for path in sorted((ROOT / part).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                yield str(path.relative_to(ROOT)), path.read_text().splitlines()


def offences(path, lines, rooms):
    room = room_of(path, rooms)
    if room is None:
        yield 1, f"{path.rsplit('/', 1)[0]} is not a room of CONTRIBUTING.md"
        return
    for number, line in enumerate(lines, 1):
        if READS_A_MESSAGE.search(line):
            yield number, "a message is for people: ask the error's kind or code"
        ours = re.match(r'#include "([^"]+)"', line)
        if ours:
            target = room_of(ours[1], rooms)
            if rooms[room] is None:
                continue
            if target is None:
                yield number, f"{ours[1]}: write the path from the top of the project"
            elif target != room and target not in rooms[room]:
                yield number, f"{room} may not include {target} ({ours[1]})"
        theirs = re.match(r"#include <([^>]+)>", line)
        if theirs:
            for header, owners in OWNERS.items():
                if re.fullmatch(header, theirs[1]) and not any(o in path for o in owners):
                    yield number, f"<{theirs[1]}> belongs to {', '.join(owners)}"


def arrows(rooms):
    """{(room, another): how many includes}."""
    found = collections.Counter()
    for path, lines in sources():
        room = room_of(path, rooms)
        for line in lines:
            ours = re.match(r'#include "([^"]+)"', line)
            target = ours and room_of(ours[1], rooms)
            if target and target != room:
                found[room, target] += 1
    return found


def circles(found):
    """Rooms that include each other by some way: every strongly connected set of two or more."""
    after = collections.defaultdict(set)
    for room, other in found:
        after[room].add(other)

    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for other in after[todo.pop()] - seen:
                seen.add(other)
                todo.append(other)
        return seen
    reached = {room: reach(room) for room in list(after)}
    sets = {frozenset([r, *(o for o in reached[r] if r in reached.get(o, ()))])
            for r in reached if r in reached[r]}
    return sorted(sorted(s) for s in sets)


def inner(found, part):
    return sorted(a for a in found if all(room.startswith(part + "/") for room in a))


def between(found, one, another):
    return sorted(a for a in found
                  if {a[0].split("/")[0], a[1].split("/")[0]} == {one, another})


def print_graph(found):
    rooms = sorted({room for pair in found for room in pair if room.split("/")[0] in PARTS})
    for room in rooms:
        targets = sorted(other for r, other in found if r == room)
        print(f"{room:24} -> {', '.join(targets) or 'nothing'}")
    print()
    for part in PARTS:
        count = len(inner(found, part))
        print(f"{part}: {sum(r.startswith(part + '/') for r in rooms)} rooms, {count} arrows"
              + (f" (at most {ARROWS_MAX[part]})" if part in ARROWS_MAX else ""))
    print(f"monitor and connector: {len(between(found, 'monitor', 'connector'))} arrows")
    print(f"circles: {circles(found) or 'none'}")


def graph_offences(found):
    for part, most in ARROWS_MAX.items():
        if (count := len(inner(found, part))) > most:
            yield f"{part}: {count} arrows between its rooms, {most} at most"
    for room, other in between(found, "monitor", "connector"):
        yield f"{room} includes {other}: the two programs share decoder and publisher only"
    for circle in circles(found):
        yield f"a circle: {' - '.join(circle)}"


def main():
    rooms, count, files = table(), 0, 0
    found = arrows(rooms)
    if "--graph" in sys.argv[1:]:
        print_graph(found)
        return 0
    for path, lines in sources():
        files += 1
        for number, reason in offences(path, lines, rooms):
            print(f"{path}:{number}: {reason}")
            count += 1
    for reason in graph_offences(found):
        print(reason)
        count += 1
    for room in rooms:
        if not (ROOT / room).is_dir():
            print(f"CONTRIBUTING.md names {room}, which is not there")
            count += 1
    print(f"layers: {files} files, {len(rooms)} rooms, {count} offences")
    return 1 if count or not files else 0


if __name__ == "__main__":
    sys.exit(main())
