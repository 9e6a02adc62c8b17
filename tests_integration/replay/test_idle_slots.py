"""PostgreSQL 18 ends, at a checkpoint, the session whose slot was idle for longer than
idle_replication_slot_timeout: a paced replay keeps its slot in use."""
import pytest

from harness import replays
from harness.postgres import Postgres
from harness.programs import wait_until

pytestmark = [pytest.mark.core("replay"), pytest.mark.since(18),
              pytest.mark.statement("idle-slots")]

COUNT, RATE = 200, 20
# More than sockets hold: what is not published yet waits in the server.
ROWS = ("INSERT INTO pipeline_run (pipeline_uuid, status, passed_sla, note) "
        "SELECT 'daily', 'INITIAL', false, repeat('x', 100000) FROM generate_series(1, {})")


@pytest.fixture(scope="module")
def server():
    with Postgres(idle_replication_slot_timeout="2s") as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


def in_one_transaction(source):
    source.execute(ROWS.format(COUNT))


def in_many(source):
    for _ in range(COUNT // 10):
        source.execute(ROWS.format(10))


@pytest.mark.parametrize("write, follow", [(in_one_transaction, False), (in_many, False),
                                           (in_many, True)])
def test_a_paced_replay_keeps_its_slot_in_use(source, programs, sink, write, follow):
    source.execute("ALTER TABLE pipeline_run ADD COLUMN note text")
    begin = replays.oldest(source)
    write(source)
    until = ["--follow"] if follow else ["--until", replays.end(source)]
    replay = programs.start("walpulse-connector", *replays.arguments(
        source, "--from", begin, *until, "--to", sink.url(), "--rate", RATE),
        env=sink.environment())
    sink.wait_for(1, what=replay.text)

    def done():
        source.server.psql("CHECKPOINT")
        return not replay.running() or len(sink.ids()) >= COUNT

    wait_until(done, 60, replay.text, pause=0.5)
    if follow:
        sink.wait_for(COUNT, what=replay.text)
        assert replay.stop() == 0, replay.text()
    else:
        assert replay.wait(30) == 0, replay.text()
    assert "57P01" not in replay.text() and "trying again" not in replay.text(), replay.text()
    assert "keeps its slot in use" in replay.text()
    sink.check(COUNT)
    # The anchor, which nobody reads, was idle: what happened to it could have happened here.
    assert source.server.psql("SELECT invalidation_reason FROM pg_replication_slots WHERE "
                              f"slot_name = '{replays.anchor_of(source)}'") == "idle_timeout"
