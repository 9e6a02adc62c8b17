"""A source's name is its own: `setup` refuses one that another capture has, or that is none."""
import pytest

from harness.programs import run
from harness.recoveries import identity

pytestmark = pytest.mark.statement("source-names")


@pytest.mark.core("stays")
@pytest.mark.parametrize("by_script", [False, True])
def test_a_second_capture_of_a_table_needs_a_name_of_its_own(source, by_script):
    flags = ["--dsn", source.dsn, "--slot", f"{source.slot}_2", "--publication", "walpulse2"]

    def setup(*more, flags=tuple(flags)):
        if not by_script:
            done = run("walpulse-connector", "setup", *flags, "--admin-dsn", source.owner_dsn, *more)
            return done.returncode, done.stderr
        script = run("walpulse-connector", "setup", *flags, "--print-sql", *more).stdout
        try:
            return 0, source.server.psql(script, source.name)
        except RuntimeError as refused:
            return 1, str(refused)

    def made():
        return source.server.psql("SELECT count(*) FROM pg_publication", source.name)

    for again in ((), ("--name", source.name)):
        code, text = setup(*again)
        assert code == 1 and "--name" in text and made() == "1", text
    assert setup("--name", "second")[0] == 0
    assert identity(source, "walpulse2")["name"] == "second" and made() == "2"
    for again in ((), ("--name", "second")):  # setting up again changes nothing
        assert setup(*again)[0] == 0
        assert setup(*again, flags=tuple(source.flags()))[0] == 0


@pytest.mark.parametrize("by_script", [False, True])
def test_a_databases_name_that_cannot_name_a_source_asks_for_one(server, by_script):
    for name in ("my mage", "100%mage", "mage/prod"):
        server.psql(f'CREATE DATABASE "{name}" OWNER mage')
        quoted = f"'{name}'"
        server.psql("CREATE TABLE pipeline_run (id serial PRIMARY KEY)", quoted)
        dsn = server.dsn(quoted)
        slot = "odd_" + str(sum(name.encode()))

        def setup(*more):
            flags = ["--dsn", dsn, "--slot", slot, *more]
            if not by_script:
                done = run("walpulse-connector", "setup", *flags)
                return done.returncode, done.stderr
            script = run("walpulse-connector", "setup", *flags, "--print-sql").stdout
            try:
                return 0, server.psql(script, quoted)
            except RuntimeError as refused:
                return 1, str(refused)

        code, text = setup()
        assert code == 1 and "--name" in text, text
        code, text = setup("--name", "mage_prod")
        assert code == 0, text
        server.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                    f"WHERE slot_name LIKE '{slot}%'")
        server.psql(f'DROP DATABASE "{name}" WITH (FORCE)')
