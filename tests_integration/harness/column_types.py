"""A value of every type that PostgreSQL has a trap in, and what an event says of it."""
from harness import postgres

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
