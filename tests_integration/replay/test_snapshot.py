"""`snapshot`: the rows that are there, as events of one position, beside whatever the stream says."""
import json
import re
import subprocess

import pytest

from harness import column_types as types
from harness.flow import Monitor, stdout_events
from harness.programs import bin_dir, clean_environment, wait_until
from harness.snapshots import (arguments, complete, disagreements, known_runs, populate, rows_of,
                               snapshot, start)

pytestmark = [pytest.mark.core("snapshot"), pytest.mark.statement("snapshot")]


def test_a_row_reads_the_same_through_stream_and_snapshot_whatever_its_types(bare_source):
    source = bare_source
    for statement in filter(str.strip, types.TYPES.split(";")):
        source.execute(statement)
    columns = ", ".join(f"c{i} {kind}" for i, (kind, _, _) in enumerate(types.VALUES))
    source.execute(f"CREATE TABLE everything (id serial PRIMARY KEY, pipeline_uuid text, {columns}, "
                   "twice integer GENERATED ALWAYS AS (id * 2) STORED)")
    flags = types.capture_table(source, "everything")
    literals = ", ".join(literal for _, literal, _ in types.VALUES)
    source.execute(f"INSERT INTO everything VALUES (1, 'the_last', {literals})")
    flags = (*flags, *types.column_flags())
    (streamed,) = stdout_events(source, *flags, label=None)
    (read,) = rows_of(source, *flags, label=None)
    assert read["op"] == "r" and read["before"] is None and read["transaction"] is None
    assert json.dumps(read["after"]) == json.dumps(streamed["after"])
    assert read["source"]["snapshot"] == "true" and "ordinal" not in read["source"]
    assert read["source"]["commit_lsn"] == read["source"]["lsn"] >= streamed["source"]["commit_lsn"]
    assert read["source"]["epoch"] == streamed["source"]["epoch"]


def test_json_stays_home_labels_leave_and_long_values_are_whole(source):
    big = "x" * 300_000
    variables = json.dumps({"partner": "acme", "bulk": big})
    source.insert_run(pipeline_uuid="the_last", variables=variables, metrics='{"a": 1}')
    source.insert_run(variables=None)
    first, second = rows_of(source)
    assert first["labels"] == {"partner": "acme"} and "labels" not in second
    assert "variables" not in first["after"] and "metrics" not in first["after"]
    first, second = rows_of(source, "--column", "variables")
    assert first["after"]["variables"] == variables and second["after"]["variables"] is None
    assert "unchanged" not in first


def test_ranges_conditions_and_chunks_read_what_they_say(source):
    populate(source, 103)

    def ids(*more):
        return [event["after"]["id"] for event in rows_of(source, *more)]

    everything = list(range(1, 104))
    assert ids() == everything
    assert ids("--chunk-rows", 1, "--rate", 0) == everything
    assert ids("--chunk-rows", 103) == everything
    assert ids("--from-id", 50, "--chunk-rows", 7) == everything[49:]
    assert ids("--from-id", "-5", "--to-id", 3) == [1, 2, 3]
    assert ids("--from-id", 200) == []
    assert ids("--where", "status = 'FAILED' OR id < 3 -- two more", "--chunk-rows", 2) == [
        one for one in everything if one % 5 == 1 or one < 3]
    source.execute("DELETE FROM pipeline_run")
    assert ids() == []


def test_the_rows_of_one_snapshot_have_its_position_and_their_own_ids(source, sink):
    populate(source, 300)
    complete(source, sink.url(), env=sink.environment())
    ids = sink.ids()
    assert len(ids) == 300 and sink.violations == []
    positions = {one.rpartition("/r/")[0] for one in ids}
    assert len(positions) == 1, "one position for all"
    assert {int(one.rpartition("/r/")[2]) for one in ids} == set(range(1, 301))
    introduction, end = sink.heartbeats
    assert introduction["attributes"]["ce-type"] == "walpulse.introduction"
    assert end["attributes"]["ce-type"] == "walpulse.snapshot_end"
    assert end["attributes"]["ce-id"] == positions.pop() + "/end/-"


def test_with_a_condition_there_is_no_end_message(source, sink):
    populate(source, 10)
    complete(source, sink.url(), "--where", "id > 3", env=sink.environment())
    assert len(sink.ids()) == 7
    (introduction,) = sink.heartbeats
    assert introduction["attributes"]["ce-type"] == "walpulse.introduction"


def test_what_cannot_be_read_is_refused_and_says_what_to_do(bare_source):
    source = bare_source

    def refused(*more):
        done = snapshot(source, "stdout", *more)
        assert done.stdout == "" and done.returncode != 0, done.stderr
        assert source.server.psql("SELECT count(*) FROM pg_replication_slots WHERE temporary") == "0"
        return done.returncode, done.stderr

    code, text = refused()
    assert code == 1 and "walpulse-connector setup" in text
    source.setup()
    populate(source, 5)
    source.execute("GRANT ALL ON SEQUENCE pipeline_run_id_seq TO walpulse")
    for where, why in [("no_such_column = 1", "no_such_column"), ("id >", "syntax error"),
                       ("true) OR (true", "syntax error"), ("count(*) > 1", "aggregate"),
                       ("id); DROP TABLE pipeline_run; --", "syntax error"),
                       ("nextval('public.pipeline_run_id_seq') > 0", "read-only transaction")]:
        code, text = refused("--where", where)
        assert code == 1 and why in text, (where, text)
    assert len(source.execute("SELECT 1 FROM pipeline_run")) == 5
    source.execute("REVOKE SELECT ON pipeline_run FROM walpulse")
    code, text = refused()
    assert code == 1 and 'GRANT SELECT ON \\"public\\".\\"pipeline_run\\" TO \\"walpulse\\"' in text
    source.execute("GRANT SELECT ON pipeline_run TO walpulse")
    source.execute("ALTER TABLE pipeline_run DROP CONSTRAINT pipeline_run_pkey CASCADE")
    code, text = refused()
    assert code == 1 and "no primary key" in text
    source.execute("ALTER TABLE pipeline_run ADD PRIMARY KEY (id)")
    source.server.psql("ALTER PUBLICATION " + "walpulse" + " SET (publish = 'insert')", source.name)
    code, text = refused()
    assert code == 3 and "recover" in text


def test_a_reader_of_stdout_may_leave(source):
    populate(source, 20_000)
    command = " ".join(map(str, [bin_dir() / "walpulse-connector",
                                 *(f"'{one}'" for one in arguments(source, "stdout", "--rate", 0))]))
    done = subprocess.run(["bash", "-c", f"{command} | head -n 3; exit ${{PIPESTATUS[0]}}"], text=True,
                          timeout=60, env=clean_environment(), capture_output=True)
    assert len(done.stdout.splitlines()) == 3
    assert done.returncode == 0, done.stderr
    assert "nobody reads stdout any more" in done.stderr
    assert not re.search("WARN|ERROR|warn|error", done.stderr), done.stderr


def test_runs_that_went_away_unseen_have_ended_and_only_within_the_range(source, programs, ledger):
    monitor = Monitor(programs, ledger)
    populate(source, 50)
    complete(source, f"{monitor.url}/push")
    assert disagreements(source, monitor) == []
    monitor.wait_total(20, "walpulse_pipeline_run_active")
    source.execute("DELETE FROM pipeline_run WHERE id % 5 IN (2, 4)")
    complete(source, f"{monitor.url}/push", "--to-id", 25)
    monitor.wait_total(10, "walpulse_pipeline_run_active")
    complete(source, f"{monitor.url}/push")
    monitor.wait_total(0, "walpulse_pipeline_run_active")
    assert disagreements(source, monitor) == []
    assert monitor.total("walpulse_pipeline_run_created_count_total") == 0


def test_a_snapshot_beside_live_capture_moves_no_counter(source, programs, ledger):
    monitor = Monitor(programs, ledger, "--export", "prometheus")
    source.connector(f"{monitor.url}/push")
    simulation = source.start_simulation("--duration", "600s", "--rate", 300, "--seed", 5)
    wait_until(lambda: source.change_count() > 300, 30, "changes")
    for _ in range(3):
        complete(source, f"{monitor.url}/push", "--rate", 2_000)
    assert simulation.stop() == 0, simulation.text()
    source.wait_confirmed()
    monitor.wait_equal(source)
    assert disagreements(source, monitor) == []


def test_a_server_that_goes_away_half_way_is_followed_up_under_another_position(
        source, programs, ledger):
    monitor = Monitor(programs, ledger)
    populate(source, 6_000)
    complete(source, f"{monitor.url}/push", "--rate", 0)
    source.execute("DELETE FROM pipeline_run WHERE id % 10 = 2")
    again = start(source, f"{monitor.url}/push", "--rate", 1_000, "--chunk-rows", 500)
    wait_until(lambda: monitor.total("walpulse_event_processed_count_total", op="r") > 7_000, 30,
               again.text)
    source.server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = "
                       f"'walsender' AND datname = '{source.name}'")
    assert again.wait(60) == 0, again.text()
    assert "parts=2" in again.text(), again.text()
    assert disagreements(source, monitor) == []
    assert len(known_runs(monitor)) == 6_000
