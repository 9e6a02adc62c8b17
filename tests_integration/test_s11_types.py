"""S11: every type's every trap arrives as PostgreSQL's own text, or as the JSON type that can hold
it without loss."""
import base64
import json

import pytest

from harness import flow, postgres
from harness.flow import stdout_events

pytestmark = pytest.mark.core("types")

# Column type, SQL literal, and what stands in the JSON: by default PostgreSQL's text.
VALUES = [
    ("smallint", "-32768", -32768),
    ("integer", "2147483647", 2147483647),
    ("bigint", "9007199254740993", 9007199254740993),
    ("bigint", "-9223372036854775808", -9223372036854775808),
    ("boolean", "true", True),
    ("boolean", "false", False),
    ("text", "''", ""),
    ("text", r"E'quote \" backslash \\ tab \t newline \n bell \x07 snowman \u2603 \U0001F600'",
     "quote \" backslash \\ tab \t newline \n bell \x07 snowman \u2603 \U0001F600"),
    ("varchar(5)", "'abc'", "abc"),
    ("char(5)", "'abc'", "abc  "),
    ("\"char\"", "'x'", "x"),
    ("name", "'pipeline'", "pipeline"),
    ("timestamptz", "'2025-01-02 03:04:05.678901+05:30'", "2025-01-01T21:34:05.678901Z"),
    ("timestamptz", "'2025-01-02 03:04:05+00'", "2025-01-02T03:04:05.000000Z"),
    ("timestamptz", "'1969-12-31 23:59:59.5+00'", "1969-12-31T23:59:59.500000Z"),
    ("timestamptz", "'infinity'", "infinity"),
    ("timestamptz", "'-infinity'", "-infinity"),
    ("timestamptz", "'0044-03-15 12:00:00+00 BC'", "0044-03-15 12:00:00+00 BC"),
    ("timestamptz", "'12025-01-01 00:00:00+00'", "12025-01-01 00:00:00+00"),
    ("timestamp", "'2025-01-02 03:04:05.6'", "2025-01-02 03:04:05.6"),
    ("timestamp", "'infinity'", "infinity"),
    ("date", "'0044-03-15 BC'", "0044-03-15 BC"),
    ("date", "'infinity'", "infinity"),
    ("time", "'24:00:00'", "24:00:00"),
    ("timetz", "'24:00:00+05:30'", "24:00:00+05:30"),
    ("interval", "'1 year -2 mons +3 days -04:05:06.7'", "10 mons 3 days -04:05:06.7"),
    ("real", "'NaN'", "NaN"),
    ("real", "0.1", "0.1"),
    ("double precision", "'-Infinity'", "-Infinity"),
    ("double precision", "0.1::float8 + 0.2::float8", "0.30000000000000004"),
    ("double precision", "'-0'", "-0"),
    ("numeric", "'NaN'", "NaN"),
    ("numeric", "12345678901234567890123456789012345678.00",
     "12345678901234567890123456789012345678.00"),
    ("numeric(40,38)", "0.00000000000000000000000000000000000001",
     "0.00000000000000000000000000000000000001"),
    ("bytea", r"'\x00ff10'", "\\x00ff10"),
    ("money", "'12.50'", "$12.50"),
    ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("inet", "'192.168.0.1/24'", "192.168.0.1/24"),
    ("macaddr", "'08:00:2b:01:02:03'", "08:00:2b:01:02:03"),
    ("bit(3)", "B'101'", "101"),
    ("point", "'(1,2)'", "(1,2)"),
    ("int4range", "'[1,5)'", "[1,5)"),
    ("tstzrange", "'[2025-01-01 00:00+00,)'", '["2025-01-01 00:00:00+00",)'),
    ("integer[]", "'{1,NULL,3}'", "{1,NULL,3}"),
    ("text[]", "ARRAY['a,b', NULL, 'c\"d', '']", '{"a,b",NULL,"c\\"d",""}'),
    ("timestamptz[]", "ARRAY['2025-01-01 00:00+00'::timestamptz]", '{"2025-01-01 00:00:00+00"}'),
    ("mood", "'so so'", "so so"),
    ("positive", "7", 7),
    ("pair", "ROW(1, 'x')", "(1,x)"),
    ("json", """'{"a" : 1,  "b": null}'""", '{"a" : 1,  "b": null}'),
    ("json", "'null'", "null"),
    ("jsonb", "'\"text\"'", '"text"'),
    ("jsonb", "'12.30'", "12.30"),
    ("jsonb", """'{"b": 1, "a": 12345678901234567890}'""", '{"a": 12345678901234567890, "b": 1}'),
    ("xml", "'<a>1</a>'", "<a>1</a>"),
    ("tsvector", "'a:1 b:2'", "'a':1 'b':2"),
    ("oid", "4294967295", "4294967295"),
    ("pg_lsn", "'16/B374D848'", "16/B374D848"),
    ("text", "NULL", None),
    ("timestamptz", "NULL", None),
    ("jsonb", "NULL", None),
]
if postgres.major() >= 14:
    VALUES.append(("numeric", "'Infinity'", "Infinity"))
TYPES = """
CREATE TYPE mood AS ENUM ('good', 'so so');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE pair AS (number integer, word text);
"""


def capture_table(source, name):
    """Sets capture up for a table other than Mage's; returns the flags that name it."""
    source.execute(f"GRANT SELECT ON {name} TO walpulse")
    flags = ("--table", name, "--publication", name)
    source.setup(*flags)
    return flags


def column_flags():
    """Lets out what stays home else: JSON, and rows, which may come to hold it."""
    return [flag for i, (kind, _, _) in enumerate(VALUES) if kind.startswith(("json", "pair"))
            for flag in ("--column", f"c{i}")]


def test_s11_every_value_arrives_without_loss(bare_source):
    source = bare_source
    for statement in filter(str.strip, TYPES.split(";")):
        source.execute(statement)
    columns = ", ".join(f"c{i} {kind}" for i, (kind, _, _) in enumerate(VALUES))
    source.execute(f"CREATE TABLE everything (id serial PRIMARY KEY, pipeline_uuid text, {columns})")
    flags = capture_table(source, "everything")
    literals = ", ".join(literal for _, literal, _ in VALUES)
    source.execute(f"INSERT INTO everything VALUES (1, 'the_last', {literals})")
    (event,) = stdout_events(source, *flags, *column_flags(), label=None)
    found = [(kind, literal, event["after"].get(f"c{i}", "absent"))
             for i, (kind, literal, _) in enumerate(VALUES)]
    assert found == VALUES
    assert all(type(a) is type(b) for (_, _, a), (_, _, b) in zip(found, VALUES))


def test_s11_json_columns_stay_home_unless_allowed(source):
    source.insert_run(pipeline_uuid="the_last", variables='{"secret": 1}',
                      event_variables='{"secret": 2}', metrics='{"secret": 3}')
    (event,) = stdout_events(source, "--column", "metrics")
    assert event["after"]["metrics"] == '{"secret": 3}'
    assert "variables" not in event["after"] and "event_variables" not in event["after"]


def test_s11_bytes_that_are_not_utf8_leave_a_sql_ascii_database(server, programs):
    source = flow.Source(server, "mage_ascii", programs)
    server.psql("CREATE DATABASE mage_ascii OWNER mage TEMPLATE template0 ENCODING 'SQL_ASCII' "
                "LOCALE 'C'")
    server.psql("ALTER SCHEMA public OWNER TO mage", "mage_ascii")
    try:
        source.execute("CREATE TABLE stray (id serial PRIMARY KEY, pipeline_uuid text, word text)")
        flags = capture_table(source, "stray")
        source.execute(r"INSERT INTO stray (word) VALUES (E'caf\xe9')")
        source.execute("INSERT INTO stray (word, pipeline_uuid) VALUES ('plain', 'the_last')")
        first, second = stdout_events(source, *flags, label=None)
        assert first["after"]["word"] == {"base64": base64.b64encode(b"caf\xe9").decode()}
        assert second["after"]["word"] == "plain"
    finally:
        programs.kill_all()
        source.drop()


@pytest.mark.parametrize("variables, labels", [
    (None, None), ("null", None), ("{}", None), ('{"partner": null}', None),
    ('{"partner": {"name": "acme"}}', None), ('{"partner": ["acme"]}', None), ('"acme"', None),
    ('{"partner": "acme"}', {"partner": "acme"}), ('{"partner": 42}', {"partner": "42"}),
    ('{"partner": true}', {"partner": "true"}),
    (r'{"partner": "caf\u00e9 \"noir\""}', {"partner": 'café "noir"'}),
    (json.dumps({"partner": "é" * 300}, ensure_ascii=False), {"partner": "é" * 128}),
])
def test_labels_are_scalars_and_at_most_256_bytes(source, variables, labels):
    source.insert_run(pipeline_uuid="the_last", variables=variables)
    (event,) = stdout_events(source)
    assert event.get("labels") == labels
