"""A replay of transactions that are large for the server, or for us."""
import filecmp
import re

import psycopg
import pytest

from harness.postgres import Postgres
from harness.programs import Program, wait_until
from harness.replays import arguments, copies_of, facts, no_free_slot_but, oldest, replay, replayed

pytestmark = pytest.mark.statement("large-replays")

ROWS = 200_000
MEMORY_BYTES_MAX = 64 << 20


@pytest.fixture(scope="module")
def server():
    """Of its own: an invalidated slot takes settings that no other test can bear."""
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


@pytest.fixture
def large(source):
    """(source, where it starts, its rows): one huge transaction between two small ones."""
    start = oldest(source)
    source.execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")  # the audit takes longer
    source.insert_run(pipeline_uuid="first")
    source.insert_runs(ROWS)
    source.insert_run(pipeline_uuid="the_last")
    return source, start


def run_measured(source, programs, tmp_path, *more):
    """(events, the program's log, its peak memory) of a replay to a file."""
    with open(tmp_path / "out", "w+") as out:
        one = Program("walpulse-connector", *arguments(source, *more, "--to", "stdout"), stdout=out)
        programs.started.append(one)
        peak = 0

        def over():
            nonlocal peak
            try:
                peak = max(peak, one.peak_bytes())
            except (OSError, ValueError):
                pass
            return not one.running()

        wait_until(over, 240, one.text, pause=0.02)
        assert one.wait(1) == 0, one.text()
    with open(tmp_path / "out") as out:
        return sum(1 for _ in out), one.text(), peak


@pytest.mark.parametrize("way", ["sql", "stream"])
def test_a_huge_transaction_passes_within_64_mib(large, programs, tmp_path, way, record_property):
    source, start = large
    count, log, peak = run_measured(source, programs, tmp_path, "--from", start, "--via", way)
    assert count == ROWS + 2
    assert int(facts(log)["events"]) == ROWS + 2
    record_property("peak_bytes", peak)
    print(way, "peak bytes", peak, facts(log))
    assert 0 < peak < MEMORY_BYTES_MAX


def test_beyond_temp_file_limit_it_streams_by_itself_and_the_events_are_the_same(
        large, programs, tmp_path):
    source, start = large
    source.server.psql(f"ALTER ROLE walpulse IN DATABASE {source.name} SET temp_file_limit = '4MB'")
    count, log, peak = run_measured(source, programs, tmp_path, "--from", start)
    assert "going on by streaming" in log, log
    assert count == ROWS + 2 and peak < MEMORY_BYTES_MAX
    source.server.psql(f"ALTER ROLE walpulse IN DATABASE {source.name} RESET temp_file_limit")
    lines = (tmp_path / "out").read_text().splitlines()
    assert lines == replayed(source, "--from", start)


@pytest.fixture
def batches(source):
    """(source, where it starts): three batches of the reader, in many transactions."""
    start = oldest(source)
    source.execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")
    for _ in range(240):
        source.insert_runs(1_000)
    return source, start


def replay_to(path, programs, source, start, *more):
    with open(path, "w") as out:
        started = Program("walpulse-connector",
                          *arguments(source, "--from", start, *more, "--to", "stdout"), stdout=out)
    programs.started.append(started)
    return started


def wait_two_copies(program, source):
    """It decodes on the one and reads from the other; returns their names."""
    found = []

    def are_two():
        found[:] = copies_of(source)
        return len(found) == 2

    wait_until(are_two, 30, program.text, pause=0.01)
    return found


def end_well(program, events=240_000):
    assert program.wait(240) == 0, program.text()
    assert int(facts(program.text())["events"]) == events
    return program.text()


@pytest.mark.core("replay")
def test_batches_read_from_two_slots_in_turn_are_the_log_whatever_becomes_of_one(
        batches, programs, tmp_path):
    source, start = batches
    streamed = replay_to(tmp_path / "streamed", programs, source, start, "--via", "stream")
    end_well(streamed)

    def equals_the_log(path):
        return filecmp.cmp(tmp_path / "streamed", path, shallow=False)

    two = replay_to(tmp_path / "two", programs, source, start)
    wait_two_copies(two, source)
    assert "alternate" not in end_well(two)
    assert equals_the_log(tmp_path / "two")
    wait_until(lambda: copies_of(source) == [], 10, two.text)

    with no_free_slot_but(source, 1):
        one = replay_to(tmp_path / "one", programs, source, start)
        assert "alternate" in end_well(one)
    assert equals_the_log(tmp_path / "one")

    cut = replay_to(tmp_path / "cut", programs, source, start)
    for slot in (0, 1):  # the one that is read from, and the one that decodes
        copy = wait_two_copies(cut, source)[slot]
        source.server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                           f"WHERE query LIKE '%{copy}%' AND pid <> pg_backend_pid()")
    assert "trying again" in end_well(cut)
    assert equals_the_log(tmp_path / "cut")


def test_batches_grow_while_the_server_would_go_through_them_again(source, programs, tmp_path):
    source.execute("CREATE TABLE held (id int)")
    with psycopg.connect(source.owner_dsn) as transaction:
        transaction.execute("INSERT INTO held VALUES (1)")  # no restart_lsn passes it
        start = oldest(source)
        source.execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")
        for _ in range(420):
            source.insert_runs(1_000)
        source.server.psql(f"ALTER ROLE walpulse IN DATABASE {source.name} SET log_statement = 'all'")
        end_well(replay_to(tmp_path / "out", programs, source, start), events=420_000)
    asked = [int(rows) for rows in re.findall(
        rf"get_binary_changes\('{source.slot}_replay_\w+', '\S+', (\d+),",
        source.server.log(lines=10_000))]
    assert asked == sorted(asked) and asked[0] == 100_000 and 200_000 in asked, asked


def test_an_anchor_that_the_server_invalidated_names_setup_and_snapshot(server, source):
    start = oldest(source)
    server.restart(max_slot_wal_keep_size="1MB", min_wal_size="32MB", max_wal_size="32MB")
    try:
        for _ in range(4):
            source.execute("CREATE TABLE filler AS SELECT repeat('x', 500) "
                           "FROM generate_series(1, 40000)")
            source.execute("DROP TABLE filler")
            server.psql("SELECT pg_switch_wal(); CHECKPOINT;")
        status = server.psql("SELECT wal_status FROM pg_replication_slots "
                             f"WHERE slot_name = '{source.slot}_anchor'")
        assert status == "lost"
        done = replay(source, "--from", start)
        assert done.returncode == 1 and done.stdout == "", done.stderr
        assert "invalidated" in done.stderr and "walpulse-connector setup" in done.stderr
        assert "snapshot" in done.stderr
    finally:
        server.restart(max_slot_wal_keep_size="4GB", min_wal_size="80MB", max_wal_size="1GB")
