"""A private PostgreSQL whose log holds what is to be drained, as often as one likes.

A slot that stands before the changes is kept by copying it for every run: each reader finds the same
log before it.
"""
import itertools

from harness import flow
from harness.postgres import Postgres

# Nothing but the reading is to be measured: no checkpoint and no vacuum comes between.
SETTINGS = {"timezone": "UTC", "autovacuum": "off", "max_wal_size": "16GB",
            "checkpoint_timeout": "1d", "max_slot_wal_keep_size": "-1"}

PUBLICATION = "walpulse"  # the one that `setup` makes by default

# One run is one row: inserted, started, completed. Each statement is a transaction of its own.
SMALL = """
DO $$ DECLARE run integer; BEGIN FOR i IN 0..{count} - 1 LOOP
  IF i % 3 = 0 THEN
    INSERT INTO pipeline_run (created_at, pipeline_schedule_id, pipeline_uuid, execution_date, status,
                              passed_sla, variables, executor_type)
    VALUES (clock_timestamp(), NULL, 'pipeline_' || i / 3 % 20, clock_timestamp(), 'INITIAL', false,
            '{{"partner": "acme", "execution_partition": "17/20261121"}}', 'LOCAL_PYTHON')
    RETURNING id INTO run;
  ELSIF i % 3 = 1 THEN
    UPDATE pipeline_run SET status = 'RUNNING', started_at = clock_timestamp(),
                            updated_at = clock_timestamp() WHERE id = run;
  ELSE
    UPDATE pipeline_run SET status = 'COMPLETED', completed_at = clock_timestamp(),
                            updated_at = clock_timestamp() WHERE id = run;
  END IF;
  COMMIT;
END LOOP; END $$"""

BIG = """
BEGIN;
INSERT INTO pipeline_run (created_at, pipeline_uuid, execution_date, status, passed_sla, variables,
                          executor_type)
SELECT clock_timestamp(), 'pipeline_' || i % 20, clock_timestamp(), 'INITIAL', false,
       '{{"partner": "acme", "execution_partition": "17/20261121"}}', 'LOCAL_PYTHON'
FROM generate_series(1, {count}) i;
COMMIT"""


class Shape:
    """`count` changes between `start`, where a slot stands, and `end`."""

    def __init__(self, name, slot, count, start, end):
        self.name, self.slot, self.count, self.start, self.end = name, slot, count, start, end


class Prefilled:
    """One server and one database of Mage's with capture set up. Shapes are filled one after the
    other, each once: a reader that does not stop at a shape's end finds nothing behind the last one."""

    def __init__(self, runs_alone=True, **settings):
        self.numbers = itertools.count(1)
        self.shapes = {}
        self.server = Postgres(**{**SETTINGS, **settings})
        try:
            self.server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
            self.programs = flow.Programs()
            self.source = flow.Source(self.server, "mage", self.programs)
            self.source.create()
            self.source.setup(alone=runs_alone)
            # The truth's audit would be decoded too, only to be thrown away.
            self.sql("ALTER TABLE pipeline_run DISABLE TRIGGER USER")
        except BaseException:
            self.server.stop()
            raise

    def sql(self, text):
        return self.server.psql(text, "mage")

    def fill(self, name, text, count):
        """A slot before it, the changes behind it."""
        if (name, count) not in self.shapes:
            self.shapes[name, count] = self._fill(name, text, count)
        return self.shapes[name, count]

    def _fill(self, name, text, count):
        slot = self.slot_here()
        start = self.sql("SELECT confirmed_flush_lsn FROM pg_replication_slots "
                         f"WHERE slot_name = '{slot}'")
        self.sql("SET synchronous_commit = off; " + text.format(count=count))
        self._flush()
        end = self.sql("SELECT pg_current_wal_flush_lsn()")
        self._flush()  # the reader hears of an end only with what comes behind it
        return Shape(f"{count:,} {name}", slot, count, start, end)

    def _flush(self):
        """Everything up to here; pgoutput shows nobody the message."""
        self.sql("SELECT pg_logical_emit_message(true, 'bench', '')")

    def small(self, count):
        return self.fill("one-row transactions", SMALL, count)

    def big(self, count):
        return self.fill("rows in one transaction", BIG, count)

    def slot_here(self):
        """A slot at the end of the log."""
        name = f"here_{next(self.numbers)}"
        self.sql(f"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')")
        return name

    def wait_streaming(self, slot):
        flow.wait_until(lambda: self.walsender(slot), 20, f"somebody reads {slot}")

    def copy(self, shape):
        """A slot of a run's own; returns its name."""
        name = f"run_{next(self.numbers)}"
        self.sql(f"SELECT pg_copy_logical_replication_slot('{shape.slot}', '{name}', false)")
        return name

    def drop(self, slot):
        flow.wait_until(lambda: not self.sql(
            f"SELECT 1 FROM pg_replication_slots WHERE slot_name = '{slot}' AND active"), 60,
            "the slot is let go")
        self.sql(f"SELECT pg_drop_replication_slot('{slot}')")

    def walsender(self, slot):
        """The process that serves a slot, or None."""
        pid = self.sql(f"SELECT active_pid FROM pg_replication_slots WHERE slot_name = '{slot}'")
        return int(pid) if pid else None

    def run_flags(self, slot):
        """Of `walpulse-connector run`: this slot, and nothing beside the events."""
        return ["run", "--dsn", self.source.dsn, "--slot", slot, "--publication", PUBLICATION,
                "--replay-window", "0", "--heartbeat", "10m", "--http-address", "127.0.0.1",
                "--http-port", "0", "--log-format", "json"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.programs.kill_all()
        self.server.stop()
