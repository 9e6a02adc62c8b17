"""Types that are gone by the time that their rows are read: Mage's enum is replaced while the
connector is away. What the metrics need leaves all the same; of the rest, what the server's own
word for the type does not settle stays home, and is counted."""
import json

import pytest

from harness import metrics, replays
from harness.flow import Monitor
from harness.programs import fetch, wait_until

pytestmark = pytest.mark.statement("types-gone")

REPLACED = {
    "by an enum": (
        "ALTER TYPE pipelinerunstatus RENAME TO old_status",
        "CREATE TYPE pipelinerunstatus AS ENUM ('INITIAL', 'RUNNING', 'COMPLETED', 'PAUSED')",
        "ALTER TABLE pipeline_run ALTER status TYPE pipelinerunstatus "
        "USING status::text::pipelinerunstatus",
        "DROP TYPE old_status"),
    "by text": (
        "ALTER TABLE pipeline_run ALTER status TYPE text",
        "DROP TYPE pipelinerunstatus"),
    "by another column": (
        "ALTER TABLE pipeline_run RENAME status TO was",
        "ALTER TABLE pipeline_run ADD status text",
        "UPDATE pipeline_run SET status = was::text",
        "ALTER TABLE pipeline_run DROP was",
        "DROP TYPE pipelinerunstatus"),
}


@pytest.mark.core("types")
@pytest.mark.parametrize("how", REPLACED)
def test_what_was_written_before_an_enum_was_replaced_is_counted(source, programs, how):
    source.execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")  # the audit knows the enum
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    begin = replays.end(source)
    replays.anchor_of(source)
    connector = source.connector(f"{monitor.url}/push")
    source.insert_run()
    source.wait_confirmed()
    assert connector.stop() == 0, connector.text()
    source.execute("UPDATE pipeline_run SET status = 'RUNNING', started_at = now()")
    source.execute("UPDATE pipeline_run SET status = 'COMPLETED', completed_at = now()")
    source.insert_run(pipeline_uuid="second")
    for statement in REPLACED[how]:
        source.execute(statement)
    source.insert_run(pipeline_uuid="third")
    connector.start()
    source.wait_confirmed()
    monitor.wait_total(3, metrics.NAMES["pipeline_run/created_count"])
    monitor.wait_total(1, metrics.NAMES["pipeline_run/finished_count"], status="COMPLETED")
    monitor.wait_total(2, metrics.NAMES["pipeline_run/active"])
    assert "status" not in connector.text().partition("values stay home")[2]
    events = list(map(json.loads, replays.replayed(source, "--from", begin)))
    assert [event["after"]["status"] for event in events[:4]] == [
        "INITIAL", "RUNNING", "COMPLETED", "INITIAL"]


@pytest.mark.core("types")
def test_what_nobody_can_tell_stays_home_and_is_counted(source, sink):
    source.execute("CREATE TYPE mood AS ENUM ('glad')")
    source.execute("CREATE TYPE pair AS (a int, b jsonb)")
    source.execute("CREATE DOMAIN number AS int")
    source.execute("CREATE DOMAIN doc AS jsonb")
    source.execute("ALTER TABLE pipeline_run ADD m mood, ADD p pair, ADD n number, ADD d doc")
    begin = replays.end(source)
    replays.anchor_of(source)
    for number in range(3):
        source.insert_run(m="glad", p='(1,"""secret""")', n=number, d='"secret"')
    source.execute("ALTER TABLE pipeline_run DROP m, DROP p, DROP n, DROP d")
    source.execute("DROP TYPE mood, pair")
    source.execute("DROP DOMAIN number, doc")
    connector = source.connector(sink.url(), env=sink.environment())
    sink.wait_for(3, what=connector.text)

    def served():
        return metrics.parse(fetch(f"{connector.url}/metrics")[1])

    wait_until(lambda: sum(value for (name, _), value in served().items()
                           if "withheld_value" in name) == 6, 10, served)
    assert connector.text().count("values stay home") == 1
    assert "columns=m,p" in connector.text()
    done = replays.replay(source, "--from", begin)
    assert done.returncode == 0 and "columns=m,p count=6" in done.stderr, done.stderr
    rows = [json.loads(line)["after"] for line in done.stdout.splitlines()]
    assert [row["n"] for row in rows] == [0, 1, 2]
    assert not any({"m", "p", "d"} & set(row) for row in rows) and "secret" not in done.stdout
