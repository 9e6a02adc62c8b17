"""What `setup` does while others have Mage's tables locked: it says whom it waits for, and nobody fails or
waits for long because of it."""
import threading
import time

import psycopg

from harness import flow
from harness.postgres import Postgres
from harness.programs import run, wait_until

INSERT = "INSERT INTO pipeline_run (pipeline_uuid, status) VALUES ('daily', 'INITIAL')"


def begin_setup(source, *arguments):
    return source.programs.start("walpulse-connector", "setup", *source.flags(), "--admin-dsn",
                                 source.owner_dsn, *arguments)


class Index(threading.Thread):
    """CREATE INDEX CONCURRENTLY, which waits for all who wrote or look at older rows."""

    def __init__(self, source):
        super().__init__()
        self.dsn, self.error = source.owner_dsn, None
        self.start()
        wait_until(lambda: source.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
                                          "'CREATE INDEX CONC%' AND wait_event_type = 'Lock'")[0][0],
                   20, "the index waits for the writer")

    def run(self):
        try:
            with psycopg.connect(self.dsn, autocommit=True) as connection:
                connection.execute("CREATE INDEX CONCURRENTLY by_status ON pipeline_run (status)")
        except psycopg.Error as error:
            self.error = error


def is_valid(source):
    return source.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_status'::regclass")


def test_an_index_that_is_made_meanwhile_is_made(bare_source):
    """It waited for setup, which waited for it: the server ended it, and an INVALID index stayed."""
    with bare_source.connect() as writer:
        writer.autocommit = False
        writer.execute(INSERT)
        index = Index(bare_source)
        setup = begin_setup(bare_source, "--table", "pipeline_run")
        wait_until(lambda: "waits for pid" in setup.text(), 20, setup.text)
        assert "waiting  for a lock on public.pipeline_run" in setup.text()
        time.sleep(3)  # the server looks for a deadlock after one
        writer.commit()
    index.join(30)
    assert index.error is None and is_valid(bare_source) == [(True,)]
    assert setup.wait(30) == 0, setup.text()


def test_a_lock_that_is_kept_ends_setup_in_time_and_leaves_nothing(bare_source):
    with bare_source.connect() as other:
        other.autocommit = False
        other.execute("LOCK TABLE pipeline_run IN SHARE MODE")
        pid = other.info.backend_pid
        begun = time.monotonic()
        done = run("walpulse-connector", "setup", *bare_source.flags(), "--admin-dsn",
                   bare_source.owner_dsn, "--table", "pipeline_run", "--slot-timeout", "2s")
        assert time.monotonic() - begun < 10
        assert done.returncode == 1 and "could not be locked within 2000 ms" in done.stderr
        assert f"waits for pid {pid} " in done.stderr and "--slot-timeout 10m" in done.stderr
    assert bare_source.execute("SELECT count(*) FROM pg_publication") == [(0,)]
    assert bare_source.slot_row() == ""
    bare_source.setup()


def test_a_table_is_added_once_its_writers_have_ended_and_others_write_on(bare_source):
    """To add a table shuts its writers out for a moment: they queue behind whoever waits for that."""
    bare_source.setup()
    block = "INSERT INTO block_run (block_uuid, status) VALUES ('load', 'INITIAL')"
    with bare_source.connect() as writer, bare_source.connect() as another:
        writer.autocommit = False
        writer.execute(block)
        setup = begin_setup(bare_source)
        wait_until(lambda: "waits for" in setup.text(), 20, setup.text)
        assert f"waits for pid {writer.info.backend_pid} " in setup.text()
        slowest = 0
        for _ in range(20):
            begun = time.monotonic()
            another.execute(block)
            slowest = max(slowest, time.monotonic() - begun)
            time.sleep(0.05)
        assert slowest < 3, "a writer waited as long as setup does"
        assert setup.running()
        writer.commit()
    assert setup.wait(30) == 0, setup.text()
    assert "added    public.pipeline_schedule, public.block_run" in setup.text()


def test_an_autovacuum_leaves_when_setup_waits(programs):
    """The server ends one for whoever waits longer than deadlock_timeout: setup's short attempts never did."""
    with Postgres(autovacuum_naptime="1s", autovacuum_vacuum_cost_delay="100ms",
                  autovacuum_vacuum_cost_limit="1") as server:
        server.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION")
        source = flow.Source(server, "mage", programs)
        source.create()
        source.insert_runs(20_000)
        source.execute("ALTER TABLE pipeline_run SET (autovacuum_vacuum_threshold = 1, "
                       "autovacuum_vacuum_scale_factor = 0)")
        source.execute("UPDATE pipeline_run SET status = 'RUNNING'")
        wait_until(lambda: server.psql("SELECT count(*) FROM pg_stat_progress_vacuum") != "0", 60,
                   "the table is vacuumed, slowly")
        setup = begin_setup(source, "--table", "pipeline_run")
        assert setup.wait(30) == 0, setup.text()
        assert "waiting  for a lock on public.pipeline_run" in setup.text()
        programs.kill_all()
