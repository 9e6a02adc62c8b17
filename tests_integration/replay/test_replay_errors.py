"""What a replay refuses: each with an exit code, the words that name it, and the way out."""
import time

import pytest

from harness.programs import run
from harness.replays import anchor_of, end, event_id, no_free_slot_but, oldest, replay, replayed

pytestmark = pytest.mark.statement("replay")


def refused(source, *more, code=1, **options):
    done = replay(source, *more, **options)
    assert done.returncode == code, (done.returncode, done.stderr)
    assert done.stdout == "", "nothing was published"
    return done.stderr


@pytest.mark.parametrize("more, words", [
    (["--from", "yesterday"], ["--from", "16/B374D848"]),
    (["--from", "2026-11-20T21:45:30"], ["--from", "zone"]),
    (["--from", "0/1", "--until", "0/x"], ["--until"]),
    ([], ["--from", "missing"]),
    (["--from", "0/1", "--until", "0/2", "--follow"], ["--until", "--follow"]),
    (["--from", "0/1", "--rate", "fast"], ["--rate"]),
    (["--from", "0/1", "--via", "pigeon"], ["--via", "stream"]),
])
def test_wrong_usage_is_exit_64_and_named(more, words):
    done = run("walpulse-connector", "replay", *more, "--to", "stdout", timeout=10)
    assert done.returncode == 64, done.stderr
    for word in words:
        assert word in done.stderr


def test_without_setup_or_anchor_it_names_them(bare_source):
    assert "walpulse-connector setup" in refused(bare_source, "--from", "0/1")
    bare_source.setup()
    name = anchor_of(bare_source)
    bare_source.server.psql(f"SELECT pg_drop_replication_slot('{name}')")
    words = refused(bare_source, "--from", "0/1")
    assert name in words and "setup --replay-window" in words and "snapshot" in words


@pytest.mark.core("replay")
def test_older_than_the_anchor_names_what_there_is(source):
    start = oldest(source)
    source.insert_run()
    for older in ("0/1", "2020-01-01T00:00:00Z", f"{source.name}/public.pipeline_run/"
                  f"{source.epoch}/1/0"):
        words = refused(source, "--from", older)
        assert "older than what can be replayed" in words and start in words, words
        assert "snapshot" in words and time.strftime("%Y-") in words
    assert len(replayed(source, "--from", start)) == 1


@pytest.mark.core("replay")
@pytest.mark.parametrize("more, words", [
    (["--from", "FFF/0"], ["future", "log ends"]),
    (["--from", "2999-01-01T00:00:00Z"], ["future", "clock"]),
    (["--from", "START", "--until", "FFF/0"], ["--until", "future", "--follow"]),
    (["--from", "END", "--until", "START"], ["lies before --from"]),
])
def test_bounds_that_make_no_range_are_refused_before_anything_is_opened(source, more, words):
    start = oldest(source)
    source.insert_run()
    places = {"START": start, "END": end(source)}
    said = refused(source, *[places.get(one, one) for one in more])
    for word in words:
        assert word in said
    assert "replaying" not in said


def test_an_event_of_another_source_table_or_epoch_is_told(source):
    start = oldest(source)
    source.insert_run()
    (line,) = replayed(source, "--from", start)
    own = event_id(line)
    assert replayed(source, "--from", own) == [line]
    name, table, epoch, rest = own.split("/", 3)
    for other, what in ((f"other/{table}/{epoch}/{rest}", "source other"),
                        (f"{name}/public.runs/{epoch}/{rest}", "table public.runs"),
                        (f"{name}/{table}/{int(epoch) + 1}/{rest}", f"epoch {int(epoch) + 1}")):
        words = refused(source, "--from", other)
        assert what in words, words


def test_no_free_slot_is_not_taken_for_a_full_disk(source):
    start = oldest(source)
    with no_free_slot_but(source, 0):
        words = refused(source, "--from", start)
    assert "max_replication_slots" in words and "in use" in words
    assert "streaming" not in words


@pytest.mark.core("replay")
def test_a_publication_that_did_not_exist_then_is_said_so(bare_source):
    anchor, older = f"{bare_source.slot}_anchor", f"{bare_source.slot}_older"
    bare_source.server.psql(
        f"SELECT pg_create_logical_replication_slot('{older}', 'pgoutput')", bare_source.name)
    bare_source.insert_run()
    bare_source.setup()
    bare_source.server.psql(
        f"SELECT pg_drop_replication_slot('{anchor}');"
        f"SELECT pg_copy_logical_replication_slot('{older}', '{anchor}')", bare_source.name)
    bare_source.insert_run()
    start = oldest(bare_source)
    words = refused(bare_source, "--from", start)
    assert "did not exist" in words and "--from" in words
    assert "42704" in words or "skipped loading publication" in words  # 18 only warns


def test_a_table_that_left_the_publication_is_a_gap(source):
    start = oldest(source)
    source.insert_run()
    source.execute("ALTER TABLE pipeline_run RENAME TO old_run")
    source.execute("CREATE TABLE pipeline_run (LIKE old_run INCLUDING ALL)")
    words = refused(source, "--from", start, code=3)
    assert "gap" in words and "recover" in words


def test_another_table_than_was_set_up_is_refused(source):
    words = refused(source, "--from", oldest(source), "--table", "other")
    assert "--table" in words


def test_a_server_that_cannot_be_reached_is_exit_69():
    done = run("walpulse-connector", "replay", "--dsn", "host=127.0.0.1 port=1 dbname=x user=x",
               "--from", "0/1", "--to", "stdout")
    assert done.returncode == 69, done.stderr


def test_help_teaches():
    done = run("walpulse-connector", "replay", "--help")
    assert done.returncode == 0
    for word in ("--from", "--until", "--follow", "--rate", "--via", "130", "event id"):
        assert word in done.stdout
