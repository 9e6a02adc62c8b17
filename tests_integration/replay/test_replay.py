"""`replay`: a range of the history once more, the same events to the byte, while capture goes on."""
import json
import re
import shlex
import signal
import subprocess
import time

import pytest

from harness import metrics
from harness.flow import Monitor
from harness.programs import Program, bin_dir, run, wait_until
from harness.replays import (Published, arguments, commit_lsn, end, event_id, facts, lsn, number,
                             oldest, replay, replayed)
from stand_ins.fault_proxy import FaultProxy

pytestmark = pytest.mark.statement("replay")

WAYS = ("sql", "stream")


def lag_bytes(source):
    return int(source.slot_row("pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint"))


def sampled(check, seconds, pause=0.1):
    samples, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        samples.append(check())
        time.sleep(pause)
    return sorted(samples)


def test_three_replays_beside_a_busy_capture_give_the_very_bytes_it_published(
        source, sink, programs, tmp_path, record_property):
    start = oldest(source)
    published = Published(sink)
    connector = source.connector(sink.url(), env=sink.environment())
    simulation = source.start_simulation("--rate", 500, "--duration", "600s", "--pipelines", 20)
    wait_until(lambda: len(published.messages) > 2_000, 60, connector.text)
    before = sampled(lambda: lag_bytes(source), 4)
    first_end = end(source)
    wait_until(lambda: len(published.messages) > 3_500, 60, connector.text)
    middle = event_id(published.bodies()[1_000])
    ranges = [("--from", start, "--until", first_end),
              ("--from", middle, "--until", end(source)),
              ("--from", start, "--until", event_id(published.bodies()[2_500]))]
    outputs = [open(tmp_path / str(i), "w+") for i in range(len(ranges))]
    replays = [Program("walpulse-connector", *arguments(source, *one, "--to", "stdout"), stdout=out)
               for one, out in zip(ranges, outputs)]
    programs.started.extend(replays)
    during = sampled(lambda: lag_bytes(source), 4)
    for one in replays:
        assert one.wait(60) == 0, one.text()
    assert simulation.stop() == 0, simulation.text()
    source.wait_confirmed()
    assert sink.violations == []
    live = published.bodies()

    def wanted(low, high):
        return [line for line in live if low <= commit_lsn(line) <= high]

    bounds = [(number(start), number(first_end)),
              (commit_lsn(live[1_000]), number(ranges[1][3])),
              (number(start), commit_lsn(live[2_500]))]
    for out, (low, high) in zip(outputs, bounds):
        out.seek(0)
        lines = out.read().splitlines()
        assert lines == wanted(low, high) and len(lines) > 1_000
        out.close()
    record_property("lag_bytes_before", [before[len(before) // 2], before[-1]])
    record_property("lag_bytes_during", [during[len(during) // 2], during[-1]])
    print("live lag, bytes (median, max): before", before[len(before) // 2], before[-1], "during",
          during[len(during) // 2], during[-1])
    assert during[len(during) // 2] < 1 << 20, "the live slot keeps up"


@pytest.mark.core("replay")
@pytest.mark.parametrize("way", WAYS)
def test_a_replay_publishes_body_attributes_and_key_as_capture_did_and_says_replay(
        source, sink, way):
    start = oldest(source)
    published = Published(sink)
    connector = source.connector(sink.url(), env=sink.environment())
    source.simulate("--runs", 40, "--rate", 0)
    source.wait_confirmed()
    assert connector.stop() == 0
    live = set(published.messages)
    before = source.slot_row("confirmed_flush_lsn, restart_lsn")
    done = replay(source, "--from", start, "--via", way, "--rate", 0, to=sink.url(),
                  env=sink.environment())
    assert done.returncode == 0, done.stderr
    assert set(published.messages) == live and sink.violations == []
    for event, copies in published.messages.items():
        assert len(copies) == 2 and copies[0] == copies[1], event
        assert published.marks[event] == ["false", "true"], event
    assert source.slot_row("confirmed_flush_lsn, restart_lsn") == before
    assert oldest(source) == start, "nothing is confirmed on the anchor"
    assert int(facts(done.stderr)["events"]) == len(live)
    assert source.server.psql("SELECT count(*) FROM pg_replication_slots WHERE temporary") == "0"


@pytest.mark.core("replay")
@pytest.mark.parametrize("way", WAYS)
def test_a_range_holds_exactly_the_transactions_that_commit_in_it(source, way):
    start = oldest(source)
    for i in range(10):
        source.insert_runs(3, f"p{i}")
    every = replayed(source, "--from", start, "--via", way)
    commits = sorted({commit_lsn(line) for line in every})
    assert len(every) == 30 and len(commits) == 10

    def between(first, last):
        return replayed(source, "--from", first, "--until", last, "--via", way)

    def wanted(first, last):
        return [line for line in every if commits[first] <= commit_lsn(line) <= commits[last]]

    assert between(lsn(commits[2]), lsn(commits[5])) == wanted(2, 5)
    assert between(lsn(commits[2] + 1), lsn(commits[5] - 1)) == wanted(3, 4)
    inside = next(json.loads(line)["source"]["lsn"] for line in every
                  if commit_lsn(line) == commits[4])
    assert between(lsn(inside), lsn(commits[4])) == wanted(4, 4), "a position within is it whole"
    third = [event_id(line) for line in every if commit_lsn(line) == commits[3]]
    assert between(third[2], third[0]) == wanted(3, 3), "an event is its transaction whole"
    times = sorted({json.loads(line)["source"]["ts_us"] for line in every})

    def rfc3339(micros):
        seconds, rest = divmod(micros, 1_000_000)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:06d}Z"

    assert between(rfc3339(times[1]), rfc3339(times[7])) == wanted(1, 7)
    assert replayed(source, "--from", end(source), "--via", way) == []


@pytest.mark.statement("S6")
@pytest.mark.core("replay")
@pytest.mark.parametrize("way", WAYS)
def test_ids_of_one_statement_and_of_copy_are_those_of_capture(source, sink, way):
    start = oldest(source)
    published = Published(sink)
    source.connector(sink.url(), env=sink.environment())
    source.insert_runs(500)
    with source.connect() as connection:
        with connection.cursor().copy("COPY pipeline_run (pipeline_uuid, status) FROM STDIN") as copy:
            for _ in range(500):
                copy.write_row(("copy", "INITIAL"))
    source.wait_confirmed()
    lines = replayed(source, "--from", start, "--via", way)
    assert [event_id(line) for line in lines] == [event_id(line) for line in published.bodies()]
    assert len({event_id(line) for line in lines}) == 1_000


@pytest.mark.core("replay")
@pytest.mark.parametrize("way", WAYS)
def test_rows_from_before_a_change_of_the_table_have_the_columns_of_their_time(source, way):
    start = oldest(source)
    source.insert_run(pipeline_uuid="first")
    source.execute("ALTER TABLE pipeline_run ADD COLUMN extra integer DEFAULT 7")
    source.insert_run(pipeline_uuid="second")
    source.execute("ALTER TABLE pipeline_run RENAME COLUMN extra TO more")
    source.insert_run(pipeline_uuid="third")
    source.execute("ALTER TABLE pipeline_run DROP COLUMN more")
    source.insert_run(pipeline_uuid="fourth")
    rows = [json.loads(line)["after"] for line in replayed(source, "--from", start, "--via", way)]
    assert [(row["pipeline_uuid"], row.get("extra"), row.get("more")) for row in rows] == [
        ("first", None, None), ("second", 7, None), ("third", None, 7), ("fourth", None, None)]
    assert ["extra" in row for row in rows] == [False, True, False, False]


@pytest.mark.parametrize("way", WAYS)
def test_interrupted_half_way_and_resumed_as_it_says_the_union_is_the_whole(
        source, programs, way, tmp_path):
    start = oldest(source)
    for i in range(400):
        source.insert_runs(10, f"p{i % 7}")
    every = replayed(source, "--from", start, "--via", way)
    assert len(every) == 4_000
    with open(tmp_path / "half", "w+") as out:
        half = Program("walpulse-connector",
                       *arguments(source, "--from", start, "--via", way, "--rate", 500, "--to",
                                  "stdout"), stdout=out)
        programs.started.append(half)
        wait_until(lambda: (tmp_path / "half").stat().st_size > 300_000, 30, half.text)
        half.signal(signal.SIGINT)
        assert half.wait(15) == 130, half.text()
    source.insert_runs(5, "after")  # belongs to no part of the range
    first = (tmp_path / "half").read_text().splitlines()
    assert 0 < len(first) < 4_000 and first == every[:len(first)]
    (command,) = re.findall(r"to go on from here: (walpulse-connector .*?)(?:\"|$)", half.text(),
                            re.MULTILINE)
    words = shlex.split(command.replace("--rate 500", "--rate 0").replace('\\"', '"'))
    rest = run(words[0], *words[1:])
    assert rest.returncode == 0, rest.stderr
    second = rest.stdout.splitlines()
    assert second == every[-len(second):], "without what came after"
    assert set(first) | set(second) == set(every)
    assert len(first) + len(second) - 4_000 <= 10, "at most one transaction comes twice"


def test_a_second_signal_ends_it_at_once(source, programs, sink):
    start = oldest(source)
    source.insert_runs(50)
    sink.behave(503)
    command = programs.start("walpulse-connector", *arguments(
        source, "--from", start, "--to", sink.url()), env=sink.environment())
    wait_until(lambda: "replaying" in command.text() or not command.running(), 15, command.text)
    time.sleep(0.5)
    command.signal(signal.SIGINT)
    wait_until(lambda: "stopping" in command.text(), 5, command.text)
    command.signal(signal.SIGINT)
    assert command.wait(3) == 130


@pytest.mark.core("replay")
@pytest.mark.parametrize("way", WAYS)
def test_a_connection_lost_half_way_repeats_nothing_and_leaves_nothing_out(source, programs, way,
                                                                           tmp_path):
    start = oldest(source)
    for i in range(60):
        source.insert_runs(50, f"p{i % 7}")
    every = replayed(source, "--from", start)
    with FaultProxy(source.server.port) as proxy, open(tmp_path / "out", "w+") as out:
        straight = source.dsn
        source.dsn = proxy.dsn(straight)
        one = Program("walpulse-connector", *arguments(
            source, "--from", start, "--via", way, "--rate", 1_000, "--to", "stdout"), stdout=out)
        programs.started.append(one)
        source.dsn = straight
        for size in (200_000, 700_000):
            wait_until(lambda: (tmp_path / "out").stat().st_size > size, 30, one.text)
            proxy.reset()
        assert one.wait(60) == 0, one.text()
        assert "trying again" in one.text()
    assert (tmp_path / "out").read_text().splitlines() == every


@pytest.mark.core("replay")
@pytest.mark.parametrize("way", WAYS)
def test_following_goes_on_until_it_is_interrupted(source, programs, way):
    start = oldest(source)
    source.insert_runs(20, "before")
    command = programs.start("walpulse-connector", *arguments(
        source, "--from", start, "--follow", "--via", way, "--to", "stdout"))

    def seen(pipeline):
        return sum(pipeline in line for line in command.text(lines=10_000).splitlines())

    wait_until(lambda: seen('"before"') == 20, 20, command.text)
    for i in range(3):
        source.insert_runs(10, f"after{i}")
        wait_until(lambda: seen(f'"after{i}"') == 10, 20, command.text)
    command.signal(signal.SIGINT)
    assert command.wait(15) == 0, command.text()
    assert "to go on from here" in command.text()


def test_a_paced_replay_keeps_to_its_rate(source):
    start = oldest(source)
    source.insert_runs(1_000)
    began = time.monotonic()
    assert len(replayed(source, "--from", start, "--rate", 400)) == 1_000
    assert time.monotonic() - began > 2


def test_the_whole_range_three_times_into_the_ledgers_topic_moves_no_series(
        source, programs, emulator, topic, ledger):
    start = oldest(source)
    subscription = emulator.create_subscription(f"{topic[0]}-pull", topic[0])
    monitor = Monitor(programs, ledger, "--subscription", subscription, "--export", "prometheus",
                      env=emulator.environment())
    source.connector(topic[1], env=emulator.environment())
    source.simulate("--runs", 150, "--rate", 0, "--pipelines", 8)
    monitor.wait_equal(source)
    changes = source.change_count()

    def series():
        return {key: value for key, value in monitor.settled().items()
                if key[0].startswith(("walpulse_pipeline_run_", "walpulse_pipeline_"))
                and "_age" not in key[0]}

    before = series()
    assert len(before) > 50
    for time_ in range(1, 4):
        done = replay(source, "--from", start, "--rate", 0, to=topic[1],
                      env=emulator.environment())
        assert done.returncode == 0 and int(facts(done.stderr)["events"]) == changes, done.stderr
        monitor.wait_total(changes * time_, "walpulse_event_processed_count_total", seconds=60,
                           outcome="unchanged")
    assert series() == before
    assert metrics.differences(source.truth(), monitor.metrics()) == []


def test_head_that_has_seen_enough_ends_it_quietly(source):
    start = oldest(source)
    source.insert_runs(5_000)
    command = " ".join(map(shlex.quote, [str(bin_dir() / "walpulse-connector"),
                                         *map(str, arguments(source, "--from", start, "--to",
                                                             "stdout"))]))
    done = subprocess.run(["bash", "-c", f"{command} | head -3; exit ${{PIPESTATUS[0]}}"], text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert not re.search("WARN|ERROR|warn|error", done.stderr), done.stderr


def test_head_that_has_seen_enough_ends_a_replay_that_waits_for_more(source):
    start = oldest(source)
    source.insert_run()
    command = " ".join(map(shlex.quote, [str(bin_dir() / "walpulse-connector"),
                                         *map(str, arguments(source, "--from", start, "--follow",
                                                             "--to", "stdout"))]))
    done = subprocess.run(["bash", "-c", f"{command} | head -1; exit ${{PIPESTATUS[0]}}"], text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
