#!/usr/bin/env python3
"""What these tests show, one sentence each. A test names what it shows by a mark:

    @pytest.mark.statement("S10")                    of one test
    pytestmark = pytest.mark.statement("S28")        of a whole file

    statements.py            writes the table of README.md
    statements.py --check    exits 1 where it is stale, or statements and tests do not fit together

Standard library only: it reads the tests and runs none.
"""
import ast
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
README = HERE / "README.md"
BEGIN = "<!-- statements.py writes this table -->\n"
END = "<!-- the end of the table -->\n"

# Numbers are those of failures seen in other connectors, and in drafts of this one.
STATEMENTS = {
    "S1": "a connector killed or stopped at any point loses nothing, and nothing is confirmed early",
    "S2": "nothing is confirmed before the sink has it, whatever keepalives say",
    "S3": "a quiet table pins no WAL that others write",
    "S4": "without any transaction WAL is recycled, and none is made for it",
    "S5": "a restart in the middle of a large transaction repeats it whole",
    "S6": "rows of one statement, or of COPY, have distinct stable ids, the same when replayed",
    "S7": "interleaved transactions arrive whole, in commit order",
    "S8": "nothing of a rolled back part arrives",
    "S9": "a huge transaction passes in bounded memory",
    "S10": "an unchanged TOASTed value is marked, never null",
    "S11": "every value of every type arrives without loss",
    "S12": "a sink that is down for long parks the stream: the server is let go of, memory stays "
           "bounded, it resumes by itself",
    "S13": "retries in place; nothing overtakes within an ordering key; 403 and 404 park, and resume "
           "in order",
    "S14": "an event over Pub/Sub's limits is made to fit, its largest column left out and counted",
    "S15": "what Pub/Sub calls invalid stops the connector loudly; what the monitor cannot apply is "
           "kept with its reason",
    "S16": "a slot that was dropped or invalidated, before the start or in the middle of the stream, "
           "is a gap: exit 3",
    "S17": "a restarted server, a terminated walsender, a network cut, reset or half open lose nothing",
    "S18": "a new primary without the slot is a gap; from PostgreSQL 17 on a slot that a standby keeps "
           "survives the failover, in the same epoch (`make test-versions`)",
    "S19": "each event has the columns of its time; a table created again is a gap",
    "S20": "a table that leaves the publication, however it does, is a gap, nothing confirmed beyond, "
           "`recover` named; a table that is only renamed goes on",
    "S21": "TRUNCATE is one event with its options; gauges empty, counters stay",
    "S22": "inserts of a table without a key flow",
    "S23": "SIGTERM under load drains, confirms and exits 0; behind a silent network it ends in time",
    "S24": "a server that is not heard of is not ready within 30 s, a busy walsender is; liveness "
           "knows of neither",
    "S25": "a snapshot killed half-way and run again, or continued, leaves no gap and no stale row "
           "while writes go on",
    "S26": "a slot that waits behind a long transaction times out and says for whom it waited",
    "S27": "late and repeated messages, restarts and a replay: each exported series ends as the log "
           "would, never goes back",
    "S28": "`doctor` names each misconfiguration with its cure",
    "S29": "a restored disk, slot and identifier and all, is refused as a conflict until `recover`; "
           "then every new run counts",
    "S30": "a server that is shut down while the sink is slow or down stops within 15 s",
    "S31": "late and doubled messages leave every counter as the ordered log would",
    "S32": "a ledger in PostgreSQL that is away for long: nothing is rejected, everything is applied "
           "afterwards",
    "S33": "deleting a trigger, renaming a pipeline, purging runs move no counter",
    "S34": "an exporter that is stopped, followed by another and continued: no point goes back, none "
           "is written twice",
    "flow": "every metric equals the SQL truth, by push, by pull and without a broker",
    "rules": "a rules file is checked as a whole: each mistake has its line, key and an example that is "
             "right; what holds for a pipeline is explained line by line",
    "rules-in-force": "a running monitor takes rules that are in order when their files change, and keeps what "
                      "it has while they are not",
    "rejected": "a message that can never be applied is kept, forwarded once and redriven on demand",
    "export": "Cloud Monitoring takes every point; what it refuses is counted",
    "open-transactions": "what is open, or writes no row at first, while the connector stops comes "
                         "whole once it is committed",
    "changed-keys": "a changed key is a delete and an insert at one position, the same bytes in every "
                    "delivery",
    "withheld": "JSON under whatever type, and what is called a secret, leave only where they are "
                "asked for by name",
    "types-gone": "rows whose types are gone by the time that they are read are counted all the same",
    "replay": "replays beside a busy capture give the very bytes it published; exactly the range, "
              "whatever its bounds; three times into the ledger moves no series",
    "large-replays": "a transaction of any size is replayed in bounded memory, also beyond "
                     "`temp_file_limit`",
    "idle-slots": "a paced replay keeps its slot in use where PostgreSQL 18 ends idle ones",
    "anchor": "the window of the anchor slot: bytes, time, never past what is confirmed; invalidated, "
              "it costs capture nothing",
    "problems": "what needs a person is opened once and closed once, through restarts and takeovers, and "
                "nothing is told that was on time",
    "api": "every number that the API shows is what the database says; every answer is as its OpenAPI "
           "document has it; pages are stable while runs are written",
    "page": "the page shows in a browser what the database says, while it is written; it says so when it cannot know, "
            "and names from a database do nothing in it",
    "tables": "triggers and blocks are captured beside the runs, each table with its own ordinals, and their "
              "secrets stay home; a capture grows without an epoch and misses no change",
    "snapshot": "a row reads the same through stream and snapshot; ranges, conditions, refusals",
    "recover": "after any gap, and killed at any step, `recover` begins an epoch and every series is "
               "whole",
    "new-server": "a server by dump and restore or by pg_upgrade is a gap until `recover`",
    "stays": "stays on the slot never overlap in a log that only grows",
    "epochs": "each epoch says of which history it is before its first event",
    "owners": "another owner of the publication is no gap; what was done behind the change is",
    "rebuilt": "a snapshot and a replay of the window rebuild the ledger of a monitor that lost it",
    "source-names": "`setup` refuses a name that another capture has, or that cannot name a source",
    "one-name": "two systems under one name: the second is refused, the first goes on",
    "mage": "what Mage itself wrote is counted as the database knows it, in whichever order it comes",
    "pushes": "whoever may not push is refused before anything is read",
    "mutes": "what is muted stays open and is shown, nobody is told of it, and the log says when that ends; "
             "the page's role writes nothing else",
    "deliveries": "what was told and called is shown; what was given up is sent again by hand, nothing else is",
    "telling": "a failure is one message, and so is its end; thirty at once are one; every call that is due is made, "
               "a repeat has the same key, and a replay, a snapshot or what is too old makes none",
    "channels": "each channel against the strict rules of its receiver: what is taken, comes again or is given up; "
                "no secret is in an answer, no name is markup",
    "readers": "whoever may not read or write is told so, and nothing else: forged, expired, made out to others, "
               "from another site, by another name",
    "hostile-clients": "clients that mean harm take bounded memory, and the others are served",
    "hostile-sessions": "hostile settings of role, database, `PGOPTIONS` and dsn, and objects that a "
                        "role without rights puts in the path, come through in no command, no printed "
                        "script and not in the ledger",
    "clocks": "a clock that jumps by hours, forth and back, costs nothing",
    "passing-faults": "a role that is refused another connection keeps its stream; a file of the "
                      "server's log that is away for a while is waited for",
    "full-disk": "a full disk on the server: what was committed arrives once there is room again",
    "deploy": "dashboard, alerts, Terraform, manifests, scripts and the operator's pages name only "
              "what there is",
    "nothing-left": "a demo or a test run leaves no process and no folder, whatever ends it or its parent",
    "torture": "all of these at once",
}


def marked(node):
    """The ids in the marks of an expression: a mark, or a list of marks."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.statement":
            yield from (argument.value for argument in call.args)


def tests_of(path):
    """{test: the ids that it shows} of one file."""
    tree = ast.parse(path.read_text())
    whole = [one for node in tree.body if isinstance(node, ast.Assign)
             and ast.unparse(node.targets[0]) == "pytestmark" for one in marked(node.value)]
    return {node.name: whole + [one for mark in node.decorator_list for one in marked(mark)]
            for node in tree.body if isinstance(node, ast.FunctionDef)
            and node.name.startswith("test_")}


def read_tests():
    """{file below this folder: tests_of(it)}"""
    return {path.relative_to(HERE).as_posix(): tests_of(path)
            for path in sorted(HERE.rglob("test_*.py"))}


def table(tests):
    lines = ["| id | statement | test |", "|---|---|---|"]
    for statement, sentence in STATEMENTS.items():
        files = [f"`{name}`" for name, found in tests.items()
                 if any(statement in ids for ids in found.values())]
        lines.append(f"| {statement} | {sentence} | {', '.join(files)} |")
    return "\n".join(lines) + "\n"


def faults(tests, readme):
    """What does not fit together, in words."""
    shown = {one for found in tests.values() for ids in found.values() for one in ids}
    known = {name for found in tests.values() for name in found}
    named = set(re.findall(r"`(test_\w+)(?:\[[^`]*\])?`", readme))
    return ([f"no test shows {one}" for one in STATEMENTS if one not in shown]
            + [f"a test shows {one}, which is no statement" for one in sorted(shown - set(STATEMENTS))]
            + [f"README.md names {one}, which is no test" for one in sorted(named - known)])


def main():
    tests, readme = read_tests(), README.read_text()
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    written = before + BEGIN + table(tests) + END + after
    wrong = faults(tests, readme)
    if sys.argv[1:] != ["--check"]:
        README.write_text(written)
    elif written != readme:
        wrong.append("README.md is stale: run tests_integration/statements.py")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
