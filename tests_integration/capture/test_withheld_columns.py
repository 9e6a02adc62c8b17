"""What does not leave the database unless it is asked for by name: whatever holds JSON or may come to
hold it, by the type underneath, and what its column's name calls a secret. And what a domain's values read as."""
import base64
import json

import pytest

from harness import metrics, replays, snapshots
from harness.flow import stdout_events
from harness.programs import fetch, run, wait_until

pytestmark = pytest.mark.statement("withheld")

TYPES = [
    "CREATE DOMAIN doc AS jsonb", "CREATE DOMAIN inner_doc AS json",
    "CREATE DOMAIN nested_doc AS inner_doc CHECK (VALUE IS NOT NULL)",
    "CREATE DOMAIN docs AS jsonb[]", "CREATE TYPE with_doc AS (number int, doc doc)",
    "CREATE TYPE doc_range AS RANGE (subtype = jsonb)",
    "CREATE TYPE plain_row AS (number int, note text)",
    "CREATE DOMAIN row_domain AS plain_row",
]
HOLD_JSON = {
    "doc": """'{"a": "secret"}'""",
    "nested_doc": """'{"a": "secret"}'""",
    "json[]": """ARRAY['{"a": "secret"}'::json]""",
    "jsonb[]": """ARRAY['{"a": "secret"}'::jsonb]""",
    "docs": """ARRAY['{"a": "secret"}'::jsonb]""",
    "doc[]": """ARRAY['{"a": "secret"}'::doc]""",
    "with_doc": """ROW(1, '{"a": "secret"}')::with_doc""",
    "with_doc[]": """ARRAY[ROW(1, '{"a": "secret"}')::with_doc]""",
    "plain_row": """ROW(1, 'secret')::plain_row""",
    "plain_row[]": """ARRAY[ROW(1, 'secret')::plain_row]""",
    "row_domain": """ROW(1, 'secret')::plain_row""",
    "doc_range": """doc_range('"secret"', '"secret"', '[]')""",
}
SECRETS = ["token", "Token", "api_token", "client_secret", "PASSWORD", "tokens", "password_hash",
           "secret_key"]
DOMAINS = [  # base type, literal, what stands in the JSON
    ("int", "7", 7),
    ("bigint", "9007199254740993", 9007199254740993),
    ("boolean", "true", True),
    ("timestamptz", "'2025-01-02 03:04:05+01'", "2025-01-02T02:04:05.000000Z"),
    ("text", "'x'", "x"),
    ("numeric(5,2)", "1.5", "1.50"),
]
PUBLISHED = ("--table", "home", "--publication", "home")


def make(source, columns):
    """A table with these columns (name, type, literal), captured, with a row and a last one."""
    for statement in TYPES:
        source.execute(statement)
    source.execute("CREATE TABLE home (id serial PRIMARY KEY, pipeline_uuid text, " + ", ".join(
        f'"{name}" {kind}' for name, kind, _ in columns) + ")")
    source.execute("GRANT SELECT ON home TO walpulse")
    source.setup(*PUBLISHED)
    fill(source, columns, "first")
    fill(source, columns, "the_last")


def fill(source, columns, pipeline):
    names = "".join(f', "{name}"' for name, _, _ in columns)
    values = "".join(f", {literal}" for _, _, literal in columns)
    source.execute(f"INSERT INTO home (pipeline_uuid{names}) VALUES ('{pipeline}'{values})")


@pytest.mark.core("types")
@pytest.mark.parametrize("asked", [False, True])
def test_json_under_whatever_type_stays_home_unless_named(bare_source, asked):
    source = bare_source
    columns = [(f"c{i}", kind, literal) for i, (kind, literal) in enumerate(HOLD_JSON.items())]
    make(source, columns)
    flags = [flag for name, _, _ in columns for flag in ("--column", name) if asked]
    live = stdout_events(source, *PUBLISHED, *flags, label=None)
    rows = snapshots.rows_of(source, *PUBLISHED, *flags, label=None)
    for event in (*live, *rows):
        assert ("secret" in str(event)) == asked, event
        assert set(event["after"]) == {"id", "pipeline_uuid", *(
            name for name, _, _ in columns if asked)}
    assert [event["after"] for event in live] == [event["after"] for event in rows]


@pytest.mark.core("types")
@pytest.mark.parametrize("asked", [False, True])
def test_what_is_called_a_secret_stays_home_unless_named(bare_source, asked):
    source = bare_source
    columns = [(name, "text", "'x'") for name in SECRETS]
    make(source, columns)
    flags = [flag for name in SECRETS for flag in ("--column", name) if asked]
    live = stdout_events(source, *PUBLISHED, *flags, label=None)
    rows = snapshots.rows_of(source, *PUBLISHED, *flags, label=None)
    for event in (*live, *rows):
        assert set(event["after"]) == {"id", "pipeline_uuid", *(SECRETS if asked else [])}


@pytest.mark.core("types")
def test_a_schedules_token_stays_home(bare_source):
    source = bare_source
    flags = ("--table", "pipeline_schedule", "--publication", "schedules")
    if not source.execute("SELECT to_regclass('pipeline_schedule')")[0][0]:
        source.execute("CREATE TABLE pipeline_schedule (id serial PRIMARY KEY, name text, "
                       "pipeline_uuid text, token text)")
    source.setup(*flags)
    source.execute("INSERT INTO pipeline_schedule (pipeline_uuid, name, token) "
                   "VALUES ('the_last', 'api', 'starts-runs')")
    (event,) = stdout_events(source, *flags, label=None)
    assert event["after"]["name"] == "api" and "starts-runs" not in str(event)


@pytest.mark.core("types")
def test_a_domains_values_are_those_of_its_base_type(bare_source):
    source = bare_source
    for i, (base, _, _) in enumerate(DOMAINS):
        source.execute(f"CREATE DOMAIN lower{i} AS {base}")
        source.execute(f"CREATE DOMAIN upper{i} AS lower{i}")
    make(source, [(f"c{i}", f"upper{i}", literal) for i, (_, literal, _) in enumerate(DOMAINS)])
    wanted = {f"c{i}": value for i, (_, _, value) in enumerate(DOMAINS)}
    live = stdout_events(source, *PUBLISHED, label=None)
    rows = snapshots.rows_of(source, *PUBLISHED, label=None)
    for event in (*live, *rows):
        assert {name: event["after"][name] for name in wanted} == wanted
        assert all(type(event["after"][name]) is type(value) for name, value in wanted.items())


@pytest.mark.core("types")
def test_a_type_that_is_made_while_the_table_is_captured_is_asked_for(source, sink):
    """Where it is gone by the time that its rows are read, the server still says what it was over."""
    begin = replays.end(source)
    replays.anchor_of(source)
    connector = source.connector(sink.url(), env=sink.environment())
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.execute("CREATE DOMAIN late AS jsonb; CREATE DOMAIN late_number AS int")
    source.execute("ALTER TABLE pipeline_run ADD note late, ADD number late_number")
    source.insert_run(note='{"a": "secret"}', number=7)
    sink.wait_for(2, what=connector.text)
    assert connector.stop() == 0, connector.text()
    source.execute("ALTER TABLE pipeline_run DROP note, DROP number")
    source.execute("DROP DOMAIN late, late_number")
    lines = replays.replayed(source, "--from", begin)
    assert len(lines) == 2 and not any("secret" in line for line in lines)
    assert json.loads(lines[1])["after"]["number"] == 7
    source.insert_run()
    connector.start()
    sink.wait_for(3, what=connector.text)


@pytest.mark.core("types")
@pytest.mark.parametrize("kind, literal", [
    ("pair", "ROW(1)::pair"), ("pair[]", "ARRAY[ROW(1)::pair]"), ("pair_domain", "ROW(1)::pair")])
def test_a_row_that_gains_json_while_it_is_captured_stays_home(source, sink, kind, literal):
    source.execute("CREATE TYPE pair AS (a int)")
    source.execute("CREATE DOMAIN pair_domain AS pair")
    source.execute(f"ALTER TABLE pipeline_run ADD p {kind}")
    bodies = []
    sink.on_change = lambda message: bodies.append(base64.b64decode(message["data"]))
    connector = source.connector(sink.url(), env=sink.environment())
    source.execute("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla, p) "
                   f"VALUES ('first', 'INITIAL', false, {literal})")
    sink.wait_for(1, what=connector.text)
    source.execute("ALTER TYPE pair ADD ATTRIBUTE b jsonb CASCADE")
    with_json = literal.replace("ROW(1)", """ROW(1, '{"a": "secret"}')""")
    source.execute("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla, p) "
                   f"VALUES ('second', 'INITIAL', false, {with_json})")
    sink.wait_for(2, what=connector.text)
    assert len(bodies) == 2 and not any(b"secret" in body for body in bodies)


@pytest.mark.core("types")
@pytest.mark.parametrize("beside", [
    r'"\ud800"', r'"\udc00 \ud83d"', "[" * 500 + "]" * 500, '{"a":' * 300 + "1" + "}" * 300])
def test_a_label_stands_beside_what_no_reader_takes(source, beside):
    source.execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")  # the audit reads it too
    for text in (f'{{"partner":"acme","x":{beside}}}', f'{{"x":{beside},"partner":"acme"}}'):
        source.insert_run(variables=text)
    source.insert_run(pipeline_uuid="the_last", variables=r'{"partner":"half \ud800"}')
    events = stdout_events(source)
    assert [event.get("labels") for event in events] == [{"partner": "acme"}] * 2 + [None]


def test_a_label_that_cannot_be_read_is_counted(source, sink):
    source.execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")
    connector = source.connector(sink.url(), env=sink.environment())
    for number in range(3):
        source.insert_run(variables=r'{"partner":"half \ud800"}')
        sink.wait_for(number + 1, what=connector.text)

    def served():
        return metrics.parse(fetch(f"{connector.url}/metrics")[1])

    wait_until(lambda: sum(value for (name, _), value in served().items()
                           if "unreadable_label" in name) == 3, 10, served)
    assert connector.text().count("labels are left out") == 1


@pytest.mark.core("types")
@pytest.mark.parametrize("option, said", [
    (("--label", "partner=variabels.partner"), "has no column variabels; did you mean the column variables?"),
    (("--column", "nothing_like_it"), "has no column nothing_like_it; name one that it has"),
])
def test_an_option_for_a_column_that_is_not_there_is_refused(source, sink, option, said):
    runs = source.connector(sink.url(), *option, env=sink.environment(), label=None)
    snapshot = snapshots.snapshot(source, "stdout", *option, label=None)
    before = source.execute("SELECT oid, xmin FROM pg_publication")
    recover = run("walpulse-connector", "recover", *source.flags(), "--admin-dsn", source.owner_dsn, "--yes", "--to",
                  sink.url(), *option, env=sink.environment())
    for code, text in [(runs.wait(20), runs.text()), (snapshot.returncode, snapshot.stderr),
                       (recover.returncode, recover.stderr)]:
        assert code == 1 and said in text, text
    assert "nothing was changed" in recover.stderr
    assert source.execute("SELECT oid, xmin FROM pg_publication") == before and source.slot_row(), "recover began"


def test_a_column_that_is_dropped_while_it_lends_a_label_ends_nothing(source, sink):
    """And a replay still has it: of one change it writes what was written then."""
    replays.anchor_of(source)
    begin = replays.end(source)
    source.execute("ALTER TABLE pipeline_run ADD more jsonb")
    connector = source.connector(sink.url(), env=sink.environment(), label="more=more.name")
    source.insert_run(more='{"name": "a"}')
    sink.wait_for(1, what=connector.text)
    source.execute("ALTER TABLE pipeline_run DROP more")
    source.insert_run()
    sink.wait_for(2, what=connector.text)
    assert connector.stop() == 0, connector.text()
    first, _ = map(json.loads, replays.replayed(source, "--from", begin, label="more=more.name"))
    assert first["labels"] == {"more": "a"}
