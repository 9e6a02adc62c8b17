"""One session of the real Mage 0.9.80, as its database's log told it: 498 changes of five tables in
the order of their commits (mage_0_9_80.jsonl). Written again into a database, at the times
at which Mage committed them, but moved to lately.

A line is [transaction, when, table, operation, id, columns]: of an INSERT those that are not NULL,
of an UPDATE those that changed. Instants are microseconds since the first commit, `{"@": 17}`; JSON
stands in `{"json": ...}`, where null is JSON's. Left out: tokens, stack traces, and most rows of
block_run and generic_job, each with all of its changes.

What is in it: successes, failures of blocks, of an initialisation and by time-out, retries that keep
started_at, full retries, cancels, skips, limits, a missed SLA, backfills, integration, streaming and
conditional pipelines, a renamed pipeline, deleted triggers, created_at up to 989 s early.
"""
import datetime
import itertools
import json
import pathlib

import psycopg

FILE = pathlib.Path(__file__).with_name("mage_0_9_80.jsonl")
TABLES = {"run": "pipeline_run", "trigger": "pipeline_schedule", "block": "block_run",
          "backfill": "backfill", "job": "generic_job"}
GENERIC_JOB = """
CREATE TABLE generic_job (
  id integer PRIMARY KEY, created_at timestamptz, updated_at timestamptz, job_type text, status text,
  payload json, extra_metadata json, completed_at timestamptz, repo_path text)
"""


def changes():
    with open(FILE) as lines:
        return [json.loads(line) for line in lines]


def _value(value, began):
    if isinstance(value, dict):
        if "@" in value:
            return began + datetime.timedelta(microseconds=value["@"])
        return json.dumps(value["json"])
    return value


def _apply(connection, table, operation, one, columns):
    if operation == "c":
        names = ["id", *columns]
        connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('%s' for _ in names)})",
            [one, *columns.values()])
    elif operation == "u":
        connection.execute(
            f"UPDATE {table} SET {', '.join(f'{name} = %s' for name in columns)} WHERE id = %s",
            [*columns.values(), one])
    else:
        connection.execute(f"DELETE FROM {table} WHERE id = %s", [one])


def write(source, hours_ago=3):
    """Writes the session into the source's database. A replication origin gives each transaction
    its commit time (manual, "Replication Progress Tracking"). Returns how many changes of
    pipeline_run there were."""
    source.execute(GENERIC_JOB)
    began = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours_ago)
    runs = 0
    with psycopg.connect(source.server.dsn(source.name), autocommit=True) as connection:
        connection.execute("SELECT pg_replication_origin_create(%s)", [source.name])
        connection.execute("SELECT pg_replication_origin_session_setup(%s)", [source.name])
        for number, (_, each) in enumerate(itertools.groupby(changes(), lambda one: one[0]), 1):
            each = list(each)
            committed = began + datetime.timedelta(microseconds=each[0][1])
            with connection.transaction():
                connection.execute("SELECT pg_replication_origin_xact_setup(%s::pg_lsn, %s)",
                                   [f"0/{number:X}", committed])
                for _, _, table, operation, one, columns in each:
                    _apply(connection, TABLES[table], operation, one,
                           {name: _value(value, began) for name, value in columns.items()})
            runs += sum(one[2] == "run" for one in each)
        connection.execute("SELECT pg_replication_origin_session_reset()")
        connection.execute("SELECT pg_replication_origin_drop(%s)", [source.name])
    return runs
