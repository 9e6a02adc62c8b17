"""Takes snapshots, and lays what a ledger knows of each run beside the table."""
import json
import re
import sqlite3

from harness.flow import LABEL
from harness.programs import run

STATUSES = "(ARRAY['COMPLETED', 'FAILED', 'RUNNING', 'CANCELLED', 'INITIAL'])[1 + i % 5]"


def populate(source, count):
    """Runs of every status, older than any log."""
    source.execute(
        "INSERT INTO pipeline_run (created_at, started_at, completed_at, pipeline_uuid, status, "
        "passed_sla, variables) SELECT now() - interval '40 days', now() - interval '39 days', "
        "CASE i % 5 WHEN 0 THEN now() - interval '38 days' END, 'old_' || i % 7, "
        f"{STATUSES}::pipelinerunstatus, false, '{{\"partner\": \"acme\"}}' "
        f"FROM generate_series(1, {count}) AS i")


def arguments(source, to, *more, label=LABEL):
    return ["snapshot", *source.flags(), "--to", to, "--log-format", "json",
            *(["--label", label] if label else []), *more]


def snapshot(source, to, *more, env=None, timeout=120, label=LABEL):
    """Takes one to its end; returns the CompletedProcess."""
    return run("walpulse-connector", *arguments(source, to, *more, label=label), env=env,
               timeout=timeout)


def complete(source, to, *more, **options):
    done = snapshot(source, to, *more, **options)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done


def rows_of(source, *more, **options):
    """The events that a snapshot to stdout prints."""
    return [json.loads(line) for line in complete(source, "stdout", *more,
                                                  **options).stdout.splitlines()]


def start(source, to, *more, env=None):
    return source.programs.start("walpulse-connector", *arguments(source, to, *more), env=env)


def to_continue_from(text):
    """The id that a snapshot that ended half-way names last."""
    return int(re.findall(r"--from-id (-?\d+)", text)[-1])


def known_runs(monitor):
    """{id: (status, active)} of a monitor's embedded ledger, which is the monitor's alone: it is
    stopped for so long."""
    assert monitor.program.stop() == 0, monitor.program.text()
    connection = sqlite3.connect(monitor.arguments[2].removeprefix("sqlite:"))
    try:
        return {one: (status, bool(active)) for one, status, active in connection.execute(
            "SELECT id, status, active FROM run")}
    finally:
        connection.close()
        monitor.start()


def disagreements(source, monitor):
    """What the ledger knows otherwise than the table: [(id, ledger, table)]. A run under way that
    lost its trigger may be an orphan there: who has seen it lose it knows."""
    table = {one: ({status or "unknown"} | ({"ORPHANED"} if alone else set())) for
             one, status, alone in source.execute(
                 "SELECT id, status::text, pipeline_schedule_id IS NULL AND "
                 "status IN ('INITIAL', 'RUNNING') FROM pipeline_run")}
    known = known_runs(monitor)
    wrong = [(one, known.get(one), said) for one, said in table.items()
             if known.get(one, (None,))[0] not in said]
    return wrong + [(one, state, None) for one, state in known.items()
                    if one not in table and state[1]]
