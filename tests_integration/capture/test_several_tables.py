"""Mage's triggers and blocks beside its runs: what is captured, what leaves, how a capture of runs alone
grows while it runs, and what is lost when one of the tables is."""
import base64
import json

import psycopg
import pytest

from harness import replays, snapshots
from harness.flow import TABLES, Monitor, stdout_events
from harness.programs import run, wait_until
from harness.recoveries import GAP, identity

RUNS, TRIGGERS, BLOCKS = (f"public.{name}" for name in TABLES)
SECRET, VARIABLES = "starts-runs", "knows-partners"
WATCH = "--publication-check", "10m"  # only what the stream itself shows

pytestmark = pytest.mark.statement("tables")


@pytest.fixture
def three(bare_source):
    bare_source.setup(alone=False)
    return bare_source


def captured(source):
    """The names in the publication's comment; one table is of version 1, several of version 2."""
    comment = identity(source)
    assert comment["walpulse"] == (2 if "tables" in comment else 1), comment
    return [one["name"] for one in comment.get("tables", [])] or [comment["table_name"]]


def published(source):
    return sorted(name for name, in source.execute(
        "SELECT tablename FROM pg_publication_tables WHERE pubname = 'walpulse'"))


def trigger(source, name="hourly", **columns):
    columns = {"name": name, "pipeline_uuid": "daily_sales", "schedule_type": "TIME", "status": "ACTIVE",
               "schedule_interval": "@hourly", "token": SECRET, "variables": f'{{"a": "{VARIABLES}"}}',
               "settings": '{"create_initial_pipeline_run": true}', **columns}
    return source.execute(f"INSERT INTO pipeline_schedule ({', '.join(columns)}) VALUES "
                          f"({', '.join(['%s'] * len(columns))}) RETURNING id", list(columns.values()))[0][0]


def block(source, run_id, name="load"):
    return source.execute("INSERT INTO block_run (pipeline_run_id, block_uuid, status) VALUES (%s, %s, "
                          "'INITIAL') RETURNING id", [run_id, name])[0][0]


def fail_block(source, block_id, error="this block fails on purpose\nand more"):
    metrics = json.dumps({"error": {"error": error, "errors": [VARIABLES], "message": "Traceback"}})
    source.execute("UPDATE block_run SET status = 'FAILED', metrics = %s WHERE id = %s",
                   [metrics, block_id])


def told(sink):
    """What arrives: [(table, op, ordinal, key, after or before, event)]."""
    bodies = []

    def keep(message):
        event = json.loads(base64.b64decode(message["data"]))
        origin = event["source"]
        bodies.append((f"{origin['schema']}.{origin['table']}", event["op"], origin.get("ordinal"),
                       message.get("orderingKey"), event["after"] or event["before"], event))

    sink.on_change = keep
    return bodies


@pytest.mark.core("publication")
def test_setup_captures_what_exists_and_says_it_the_second_time(bare_source):
    source = bare_source
    said = source.setup(alone=False)
    assert f"for {RUNS}, {TRIGGERS}, {BLOCKS}" in said and "walpulse-connector snapshot" in said, said
    assert captured(source) == list(TABLES) and published(source) == sorted(TABLES)
    before = identity(source)
    assert "nothing changed" in source.setup(alone=False)
    assert identity(source) == before
    assert [json.loads(line)["tables"] for line in [run(
        "walpulse-connector", "status", *source.flags(), "--json").stdout]] == [[RUNS, TRIGGERS, BLOCKS]]


def test_no_blocks_leaves_them_out_and_a_table_that_lacks_is_no_obstacle(bare_source):
    source = bare_source
    source.setup("--no-blocks", alone=False)
    assert captured(source) == list(TABLES[:2]) == published(source)
    source.execute("DROP TABLE block_run CASCADE")
    assert "nothing changed" in source.setup(alone=False)


def test_a_table_by_hand_is_that_table_alone(bare_source):
    source = bare_source
    source.setup("--table", "pipeline_run")
    assert captured(source) == ["pipeline_run"] == published(source)


@pytest.mark.core("publication")
def test_each_table_has_its_own_ordinals_and_a_runs_blocks_have_one_key(three, sink):
    events = told(sink)
    connector = three.connector(sink.url(), env=sink.environment())
    with three.connect() as connection, connection.transaction():
        mine = connection.execute("INSERT INTO pipeline_schedule (name) VALUES ('x') RETURNING id"
                                  ).fetchone()[0]
        runs = [connection.execute("INSERT INTO pipeline_run (pipeline_schedule_id, pipeline_uuid) VALUES "
                                   "(%s, 'p') RETURNING id", [mine]).fetchone()[0] for _ in range(3)]
        for one in runs * 3:
            connection.execute("INSERT INTO block_run (pipeline_run_id, block_uuid) VALUES (%s, 'b')", [one])
    sink.wait_for(13, what=connector.text)
    three.wait_confirmed()
    ordinals = {table: sorted(ordinal for name, _, ordinal, *_ in events if name == table)
                for table in (RUNS, TRIGGERS, BLOCKS)}
    assert ordinals == {RUNS: [0, 1, 2], TRIGGERS: [0], BLOCKS: list(range(9))}
    for one in runs:
        keys = {key for table, _, _, key, row, _ in events if table == BLOCKS and
                row["pipeline_run_id"] == one}
        assert len(keys) == 1 and keys.pop().startswith(BLOCKS + "/")
    assert {key.split("/")[0] for _, _, _, key, *_ in events} == {RUNS, TRIGGERS, BLOCKS}
    assert sink.violations == []


@pytest.mark.core("types")
@pytest.mark.parametrize("full", [False, True])
def test_no_flag_brings_a_token_out_and_none_by_accident_the_variables(three, full):
    if full:
        three.execute("ALTER TABLE pipeline_schedule REPLICA IDENTITY FULL;"
                      "ALTER TABLE block_run REPLICA IDENTITY FULL")
    first = trigger(three)
    three.execute("UPDATE pipeline_schedule SET status = 'INACTIVE', token = token || '-2' WHERE id = %s",
                  [first])
    work = block(three, three.insert_run(variables=f'{{"partner": "acme", "own": "{VARIABLES}"}}'))
    fail_block(three, work, error=f"{VARIABLES}")
    three.execute("DELETE FROM block_run")
    three.execute("DELETE FROM pipeline_schedule")
    trigger(three, "the_kept")
    block(three, three.insert_run(pipeline_uuid="the_last"))
    every = ["--column", "variables", "--column", "metrics", "--column", "pipeline_schedule.settings",
             "--label", "t=variables.token"]
    for option, code, said in [(("--column", "pipeline_schedule.token"), 64, "under no flag"),
                               (("--column", "token"), 1, "has no column token"),
                               (("--label", "token=token.a"), 1, "has no column token"),
                               (("--column", "settings"), 1, "has no column settings")]:
        refused = run("walpulse-connector", "run", *three.flags(), "--to", "stdout", *option)
        assert refused.returncode == code and said in refused.stderr, refused.stderr
    live = stdout_events(three, label=None)
    wide = stdout_events(three, *every)
    rows = snapshots.rows_of(three, *every)
    alone = snapshots.rows_of(three, "--table", "pipeline_schedule", *every)
    chosen = stdout_events(three, "--column", "pipeline_schedule.variables", label=None)
    schedules = [event for event in live if event["source"]["table"] == "pipeline_schedule"]
    assert len(live) == len(wide) == len(chosen) and len(schedules) == 4 and len(alone) == 1
    assert schedules[0]["after"]["settings"] == '{"create_initial_pipeline_run": true}'
    assert {event["after"]["schedule_type"] for event in schedules if event["after"]} == {"TIME"}
    for event in (*live, *wide, *rows, *alone, *chosen):
        assert SECRET not in json.dumps(event), event
        if event["source"]["table"] != "pipeline_run" and event not in chosen:
            assert VARIABLES not in json.dumps(event), event
    assert any(VARIABLES in json.dumps(event) for event in chosen)


def test_a_blocks_error_leaves_only_where_it_is_asked_for_and_only_of_a_failed_one(three):
    work = block(three, three.insert_run())
    long = "x" * 400
    fail_block(three, work, error=f"\n  {long}\n second line")
    three.execute("UPDATE block_run SET status = 'COMPLETED' WHERE id = %s", [work])  # metrics stay
    done = block(three, three.insert_run())
    fail_block(three, done, error={"no": "text"})
    fail_block(three, done, error="short \u00e9\nsecond")
    three.insert_run(pipeline_uuid="the_last")

    def errors(*flags):
        events = stdout_events(three, *flags, label=None)
        return [event.get("error") for event in events if event["source"]["table"] == "block_run"]

    assert errors() == [None] * 6
    assert errors("--block-error") == [None, "x" * 300, None, None, "", "short \u00e9"]
    rows = {event["after"]["id"]: event.get("error")
            for event in snapshots.rows_of(three, "--table", "block_run", "--block-error")}
    assert rows == {work: None, done: "short \u00e9"}


@pytest.mark.core("publication")
@pytest.mark.statement("S20")
def test_a_running_capture_grows_without_an_epoch_and_misses_no_change(source, sink):
    """Nothing watches the publication but the stream: the first change of a new table begins a session
    that knows it."""
    events = told(sink)
    connector = source.connector(sink.url(), *WATCH, env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    before = identity(source)
    said = source.setup(alone=False)
    assert f"added    {TRIGGERS}, {BLOCKS}" in said and "--table block_run" in said, said
    after = identity(source)
    assert captured(source) == list(TABLES) and after["epoch"] == before["epoch"]
    assert after["name"] == before["name"] and after["publication_xmin"] == before["publication_xmin"]
    work = block(source, source.insert_run())
    for status in ("QUEUED", "RUNNING", "COMPLETED"):
        source.execute("UPDATE block_run SET status = %s WHERE id = %s", [status, work])
    trigger(source)
    sink.wait_for(7, what=connector.text)
    source.wait_confirmed()
    steps = [row["status"] for table, _, _, _, row, _ in events if table == BLOCKS]
    assert steps == ["INITIAL", "QUEUED", "RUNNING", "COMPLETED"], events
    assert connector.running() and "gap" not in connector.text(), connector.text()
    sink.check(7)


@pytest.mark.core("publication")
def test_a_capture_that_rests_grows_and_goes_on(source, sink):
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    assert connector.stop() == 0
    block(source, source.insert_run())  # before it is captured: no event
    source.setup(alone=False)
    block(source, source.insert_run())
    connector.start()
    sink.wait_for(4, what=connector.text)
    source.wait_confirmed()
    assert connector.stop() == 0, connector.text()
    assert sorted(one.split("/")[1] for one in sink.ids()) == [BLOCKS, RUNS, RUNS, RUNS]


def test_half_an_addition_is_none_and_a_table_that_a_person_added_is_taken_over(source):
    """ALTER PUBLICATION and the comment are one transaction: killed before its end it leaves nothing. By
    hand there may be the one without the other."""
    with psycopg.connect(source.owner_dsn) as holder:
        holder.execute("INSERT INTO block_run (block_uuid) VALUES ('held')")
        before = identity(source)
        stuck = source.programs.start("walpulse-connector", "setup", *source.flags(), "--admin-dsn",
                                      source.owner_dsn)
        wait_until(lambda: "waiting  for a lock on" in stuck.text(), 10, stuck.text)
        stuck.kill()
        assert identity(source) == before and published(source) == ["pipeline_run"]
        late = run("walpulse-connector", "setup", *source.flags(), "--admin-dsn", source.owner_dsn,
                   "--slot-timeout", "2s")
        assert late.returncode == 1 and f"waits for pid {holder.info.backend_pid} " in late.stderr, late.stderr
        assert identity(source) == before and published(source) == ["pipeline_run"]
        holder.rollback()
    source.execute("ALTER PUBLICATION walpulse ADD TABLE block_run")
    source.setup(alone=False)
    assert captured(source) == list(TABLES) and published(source) == sorted(TABLES)


def script_of(source, command):
    done = run("walpulse-connector", command, *source.flags(), "--print-sql")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.core("publication")
def test_the_dbas_script_makes_and_grows_the_same(bare_source):
    source = bare_source
    by_command = [{}, {}]
    for grows in (False, True):
        if grows:
            source.setup()
        before = identity(source) if grows else {}
        for _ in range(2):
            source.server.psql(script_of(source, "setup"), source.name)
            assert captured(source) == list(TABLES) and published(source) == sorted(TABLES)
            assert "nothing changed" in source.setup(alone=False)
        by_command[grows] = identity(source)
        if grows:
            assert by_command[1]["epoch"] == before["epoch"]
        assert source.execute("SELECT count(*) FROM pg_publication_rel")[0][0] == 3
        done = run("walpulse-connector", "teardown", *source.flags(), "--admin-dsn", source.owner_dsn, "--yes")
        assert done.returncode == 0, done.stderr
    assert set(by_command[0]) == set(by_command[1])
    source.setup(alone=False)
    same = identity(source)
    assert set(same) == set(by_command[0]) and same["tables"][0].keys() == by_command[0]["tables"][0].keys()


@pytest.mark.parametrize("gone", [False, True])
def test_the_dbas_script_recovers_what_was_captured(three, sink, gone):
    before = identity(three)
    three.server.psql(f"SELECT pg_drop_replication_slot('{three.slot}')")
    if gone:
        three.execute("DROP TABLE block_run")
    three.server.psql(script_of(three, "recover"), three.name)
    after = identity(three)
    assert captured(three) == list(TABLES[:2] if gone else TABLES) and published(three) == sorted(captured(three))
    assert after["epoch"] > before["epoch"] and after["follows"] == [before["epoch"]]
    assert after["name"] == before["name"]
    connector = three.connector(sink.url(), env=sink.environment())
    three.insert_run(pipeline_schedule_id=trigger(three))
    sink.wait_for(2, what=connector.text)


@pytest.mark.core("replay")
def test_replay_says_of_every_table_the_same_bytes(three, sink):
    bodies = {}

    def keep(message):
        bodies[message["attributes"]["ce-id"]] = (base64.b64decode(message["data"]).decode(),
                                                  message.get("orderingKey"))

    sink.on_change = keep
    begin = replays.end(three)
    replays.anchor_of(three)
    connector = three.connector(sink.url(), "--block-error", env=sink.environment())
    work = block(three, three.insert_run(pipeline_schedule_id=trigger(three)))
    fail_block(three, work)
    three.execute("DELETE FROM block_run")
    sink.wait_for(5, what=connector.text)
    three.wait_confirmed()
    assert connector.stop() == 0
    lines = replays.replayed(three, "--from", begin, "--block-error")
    assert len(lines) == 5 and sorted(lines) == sorted(body for body, _ in bodies.values())


@pytest.mark.core("snapshot")
@pytest.mark.statement("snapshot")
def test_a_snapshot_reads_every_table_and_ends_each(three, sink):
    runs = [three.insert_run(pipeline_schedule_id=trigger(three, f"t{i}")) for i in range(5)]
    for one in runs:
        for name in "abc":
            block(three, one, name)
    snapshots.complete(three, sink.url(), "--chunk-rows", 4, env=sink.environment())
    tables = [one.split("/")[1] for one in sink.ids()]
    assert {table: tables.count(table) for table in set(tables)} == {RUNS: 5, TRIGGERS: 5, BLOCKS: 15}
    ends = [json.loads(base64.b64decode(one["data"])) for one in sink.heartbeats
            if one["attributes"]["ce-type"] == "walpulse.snapshot_end"]
    assert [(end["table"], end["row_count"]) for end in ends] == [
        (TABLES[0], 5), (TABLES[1], 5), (TABLES[2], 15)]
    assert len(sink.heartbeats) == 4 and sink.violations == []  # one introduction
    assert [event["after"]["id"] for event in snapshots.rows_of(three, "--from-id", runs[3])] == runs[3:]
    only = snapshots.rows_of(three, "--table", "block_run", "--where", "block_uuid = 'a'")
    assert {event["source"]["table"] for event in only} == {"block_run"} and len(only) == 5


def test_setup_with_a_sink_ends_with_the_rows_of_what_it_added(source, sink):
    work = block(source, source.insert_run(pipeline_schedule_id=trigger(source)))
    to = ["--to", sink.url()]
    done = run("walpulse-connector", "setup", *source.flags(), "--admin-dsn", source.owner_dsn, *to,
               env=sink.environment())
    assert done.returncode == 0 and "reading  " in done.stdout, done.stdout + done.stderr
    assert sorted(one.split("/")[1] for one in sink.ids()) == [BLOCKS, TRIGGERS], "runs were captured before"
    assert any(one.endswith(f"/r/{work}") for one in sink.ids())
    again = run("walpulse-connector", "setup", *source.flags(), "--admin-dsn", source.owner_dsn, *to,
                env=sink.environment())
    assert "nothing changed" in again.stdout and len(sink.ids()) == 2


@pytest.mark.core("publication")
@pytest.mark.statement("S19", "S20")
@pytest.mark.parametrize("how, words", [
    ("DROP TABLE block_run", '"public"."block_run" was dropped'),
    ("ALTER PUBLICATION walpulse DROP TABLE block_run", '"public"."block_run" is no longer'),
    ("ALTER TABLE pipeline_schedule RENAME TO old; CREATE TABLE pipeline_schedule (LIKE old INCLUDING ALL)",
     '"public"."pipeline_schedule" was made anew')])
def test_a_lost_table_is_a_gap_that_names_it_and_recover_goes_on_without(three, sink, how, words):
    connector = three.connector(sink.url(), "--publication-check", "300ms", env=sink.environment())
    block(three, three.insert_run())
    sink.wait_for(2, what=connector.text)
    three.execute(how)
    assert connector.wait(40) == GAP and words.replace('"', '\\"') in connector.text(), connector.text()
    doctor = run("walpulse-connector", "doctor", *three.flags())
    assert doctor.returncode == 1 and words in doctor.stdout and "a gap" in doctor.stdout, doctor.stdout
    three.execute(f"GRANT SELECT ON pipeline_schedule TO walpulse")
    done = run("walpulse-connector", "recover", *three.flags(), "--admin-dsn", three.owner_dsn, "--yes",
               "--to", sink.url(), env=sink.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    left = list(TABLES[:2]) if how.startswith("DROP TABLE") else list(TABLES)
    assert captured(three) == left and published(three) == sorted(left)
    rows = [one for one in sink.ids() if "/r/" in one]
    assert {one.split("/")[1] for one in rows} == {RUNS, *([BLOCKS] if len(left) == 3 else [])}
    connector.start()
    trigger(three)
    wait_until(lambda: any(TRIGGERS in one for one in sink.ids()), 20, connector.text)


def test_recover_without_blocks_is_the_way_to_leave_them(three, sink):
    done = run("walpulse-connector", "recover", *three.flags(), "--admin-dsn", three.owner_dsn, "--yes",
               "--no-blocks", "--to", sink.url(), env=sink.environment())
    assert done.returncode == 0 and "not captured any more: --no-blocks" in done.stdout, done.stdout
    assert captured(three) == list(TABLES[:2])


def test_doctor_looks_at_every_table(three):
    def checks():
        done = run("walpulse-connector", "doctor", *three.flags(), "--json")
        return done.returncode, json.loads(done.stdout)["checks"]

    code, found = checks()
    assert code == 0 and {one["name"] for one in found if one["level"] != "ok"} <= {"monitor"}, found
    assert len([one for one in found if one["name"] == "table"]) == 3
    three.execute("REVOKE SELECT ON block_run FROM walpulse")
    three.execute("ALTER TABLE pipeline_schedule REPLICA IDENTITY FULL")
    code, found = checks()
    warned = {one["name"]: one for one in found if one["level"] == "warn" and one["name"] != "monitor"}
    assert code == 0 and set(warned) == {"select", "replica_identity"}, found
    assert '"block_run"' in warned["select"]["remedy"]
    assert '"pipeline_schedule"' in warned["replica_identity"]["remedy"]
    for i in range(3):
        work = three.insert_run(execution_date="now()")
        for name in "ab":
            fail_block(three, block(three, work, name))
    three.execute("SELECT pg_stat_clear_snapshot()")
    wait_until(lambda: any(one["name"] == "blocks" and one["finding"].startswith("4.0 changes")
                           for one in checks()[1]), 20, lambda: checks()[1])


def test_doctor_tells_a_capture_of_runs_what_it_could_have(source):
    done = run("walpulse-connector", "doctor", *source.flags())
    assert done.returncode == 0 and "could be captured as well" in done.stdout, done.stdout


def test_teardown_leaves_nothing_of_several_tables(three):
    done = run("walpulse-connector", "teardown", *three.flags(), "--admin-dsn", three.owner_dsn, "--yes")
    assert done.returncode == 0, done.stderr
    assert three.execute("SELECT count(*) FROM pg_publication")[0][0] == 0
    three.setup(alone=False)


def test_the_monitor_counts_runs_alone_and_passes_the_rest_by(three, programs, ledger):
    monitor = Monitor(programs, ledger)
    connector = three.connector(f"{monitor.url}/push")
    three.simulate("--runs", 60, "--rate", 0, "--seed", 16)
    monitor.wait_equal(three)
    three.wait_confirmed()
    three.execute("DELETE FROM block_run; DELETE FROM pipeline_run; DELETE FROM backfill; "
                  "DELETE FROM pipeline_schedule")
    trigger(three)
    three.wait_confirmed()
    monitor.wait_equal(three)
    snapshots.complete(three, f"{monitor.url}/push")
    monitor.wait_equal(three)
    assert connector.stop() == 0, connector.text()
    assert monitor.total("walpulse_gap_count_total") == 0
