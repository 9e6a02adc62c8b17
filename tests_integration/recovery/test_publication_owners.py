"""Another owner of the publication is no gap by itself; what was done behind the change is."""
import json

import pytest

from harness.programs import run, wait_until

pytestmark = pytest.mark.statement("owners")

GAP = 3
WATCH = "--publication-check", "300ms"
OWNERS = ["ALTER PUBLICATION walpulse OWNER TO another",
          "ALTER PUBLICATION walpulse OWNER TO postgres",
          "REASSIGN OWNED BY mage TO another"]
OFF = "ALTER PUBLICATION walpulse SET (publish = 'insert')"
ON = "ALTER PUBLICATION walpulse SET (publish = 'insert, update, delete, truncate')"


@pytest.fixture
def another(server):
    if not server.psql("SELECT 1 FROM pg_roles WHERE rolname = 'another'"):
        server.psql("CREATE ROLE another; GRANT another TO mage")


def as_superuser(source, *statements):
    for statement in statements:
        source.server.psql(statement, source.name)


def connector_of(source, sink):
    return source.connector(sink.url(), *WATCH, env=sink.environment())


def vouched(source):
    """Executes what doctor prints for an owner who knows that nothing else was changed."""
    done = run("walpulse-connector", "doctor", *source.flags(), "--admin-dsn", source.owner_dsn,
               "--json")
    (check,) = [check for check in json.loads(done.stdout)["checks"] if check["name"] == "identity"]
    assert "has another owner" in check["finding"], check
    as_superuser(source, check["otherwise"])


@pytest.mark.core("publication")
@pytest.mark.parametrize("statement", OWNERS)
def test_a_new_owner_of_a_watched_publication_is_no_gap(source, sink, another, statement):
    connector = connector_of(source, sink)
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    as_superuser(source, statement)
    wait_until(lambda: "has another owner, and nothing else" in connector.text(), 20,
               connector.text)
    source.server.psql(  # the next session of this process remembers it
        f"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
        f"WHERE slot_name = '{source.slot}'")
    as_superuser(source, "INSERT INTO pipeline_run (pipeline_uuid) VALUES ('after')")
    sink.wait_for(2, what=connector.text)
    assert connector.running() and "gap:" not in connector.text(), connector.text()
    as_superuser(source, OFF, ON)
    assert connector.wait(40) == GAP, connector.text()


@pytest.mark.core("publication")
@pytest.mark.parametrize("statement", OWNERS)
@pytest.mark.parametrize("watched", [True, False])
def test_behind_a_new_owner_off_and_on_again_is_still_a_gap(source, sink, another, statement,
                                                            watched):
    """The owner changes while a connector watches, or behind its back, after "off and on"."""
    connector = connector_of(source, sink)
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    if watched:
        as_superuser(source, statement)
        wait_until(lambda: "has another owner, and nothing else" in connector.text(), 20,
                   connector.text)
    assert connector.stop() == 0
    as_superuser(source, OFF, "UPDATE pipeline_run SET status = 'COMPLETED'", ON)
    if not watched:
        as_superuser(source, statement)
    for _ in range(2):
        connector.start()
        assert connector.wait(40) == GAP, connector.text()
        assert "from then on changes may be missing" in connector.text(), connector.text()


@pytest.mark.core("publication")
@pytest.mark.parametrize("statement", OWNERS)
def test_an_owner_who_knows_that_nothing_else_changed_can_say_so(source, sink, another, statement):
    connector = connector_of(source, sink)
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    assert connector.stop() == 0
    as_superuser(source, statement, "INSERT INTO pipeline_run (pipeline_uuid) VALUES ('between')")
    connector.start()
    assert connector.wait(40) == GAP, connector.text()
    vouched(source)
    as_superuser(source, "INSERT INTO pipeline_run (pipeline_uuid) VALUES ('after')")
    connector.start()
    sink.wait_for(3, what=connector.text)
    source.wait_confirmed()
    assert connector.running(), connector.text()
    as_superuser(source, OFF, ON)
    assert connector.wait(40) == GAP, connector.text()
