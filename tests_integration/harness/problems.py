"""What needs a person, by one pass over the audit of Mage's table, and as the monitor says it."""
import json

from harness.programs import run, wait_until

ENDS = "COMPLETED", "FAILED", "CANCELLED"
BEFORE_ALL = ()  # what a row that takes another's id over brings with it


def failing_by_log(steps):
    """The pipelines whose last end was a failure, of (position, op, run, status, pipeline, whether the key
    was another). A run that was cancelled says neither; one that takes an id over begins as it is."""
    status, pipeline, ended, succeeded = {}, {}, {}, {}
    for place, operation, one, now, name, moved in sorted(steps, key=lambda step: step[0]):
        if operation in "dt":
            for each in [one] if operation == "d" else list(status):
                if status.pop(each, None) not in ENDS:
                    ended.pop(each, None)  # gone while it was being retried
            continue
        before = status.get(one) if operation == "u" else None
        if operation == "c":
            ended.pop(one, None)
        status[one], pipeline[one] = now, name
        if now == before or now not in ENDS:
            continue
        ended[one] = now, BEFORE_ALL if moved else place
        if now == "COMPLETED":
            succeeded[one] = max(succeeded.get(one, BEFORE_ALL), ended[one][1])
    last = {}
    for one, place in succeeded.items():
        last[pipeline[one]] = max(last.get(pipeline[one], BEFORE_ALL), place)
    return {pipeline[one] for one, (how, place) in ended.items()
            if how == "FAILED" and (pipeline[one] not in last or place > last[pipeline[one]])}


def failing(source):
    """The same by the audit, whose order is that of the log where one client writes at a time."""
    rows = source.execute("SELECT seq, op, id, status, pipeline FROM walpulse_truth.audit ORDER BY seq")
    return failing_by_log(((seq,), "c" if operation == "k" else operation, one, now, name, operation == "k")
                          for seq, operation, one, now, name in rows)


def problems(ledger, *arguments):
    """What `walpulse-monitor problems` lists."""
    done = run("walpulse-monitor", "problems", "--ledger", ledger, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def subjects(ledger, kind=None):
    """{(kind, subject)} of those that are open; of one kind the subjects alone."""
    found = {(one["kind"], one["subject"]) for one in problems(ledger) if one["state"] == "open"}
    return found if kind is None else {subject for each, subject in found if each == kind}


def wait_watched(monitor):
    """Until its first look is over, which tells of all that was there before in one line."""
    wait_until(lambda: '"event":"source_watched"' in monitor.program.text(lines=1_000_000), 90,
               monitor.program.text, pause=0.2)


def told(*monitors):
    """The structured lines of problems that the monitors logged, in order."""
    lines = [json.loads(line) for monitor in monitors for line in monitor.program.text(lines=1_000_000).splitlines()
             if '"problem_' in line or '"problems_found"' in line]
    return [line for line in lines if str(line.get("event", "")).startswith("problem")]
