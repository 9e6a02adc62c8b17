"""Every type's every trap arrives as PostgreSQL's own text, or as the JSON type that can hold
it without loss."""
import base64
import json

import pytest

from harness import flow
from harness.column_types import TYPES, VALUES, capture_table, column_flags
from harness.flow import stdout_events

pytestmark = pytest.mark.core("types")


@pytest.mark.statement("S11")
def test_every_value_arrives_without_loss(bare_source):
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


@pytest.mark.statement("S11")
def test_json_columns_stay_home_unless_allowed(source):
    source.insert_run(pipeline_uuid="the_last", variables='{"secret": 1}',
                      event_variables='{"secret": 2}', metrics='{"secret": 3}')
    (event,) = stdout_events(source, "--column", "metrics")
    assert event["after"]["metrics"] == '{"secret": 3}'
    assert "variables" not in event["after"] and "event_variables" not in event["after"]


@pytest.mark.statement("S11")
def test_bytes_that_are_not_utf8_leave_a_sql_ascii_database(server, programs):
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
