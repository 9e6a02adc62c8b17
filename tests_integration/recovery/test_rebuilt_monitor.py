"""A monitor that lost its ledger: a snapshot and a replay of the whole window make another.

What cannot be rebuilt, exactly:
- of a run from before the window, whatever it did up to its first event within it, that event
  included: it is the starting state there. So its counters may be lower; and where its end is that
  event, `last_success_age` and `consecutive_failures` take it for one from before;
- what is counted of the messages and the processes themselves: event/*, export/*, flow/*,
  connector/* and labels/*;
- the series' start times: a rebuilt series begins anew, as after any reset of a counter.
"""
import pytest

from harness import chaos_delivery, janitor
from harness.event_ids import position
from harness.flow import Monitor
from harness.programs import wait_until
from harness.replays import oldest, replay
from harness.snapshots import complete, disagreements, populate

pytestmark = pytest.mark.statement("rebuilt")

PREFIX = "walpulse_pipeline"
LEFT_OUT = ("_age",)  # they go on while one looks


def shown(monitor, old):
    """The series of runs, of the pipelines from before the window or of the others."""
    return {(name, labels): round(value, 3) for (name, labels), value in monitor.settled().items()
            if name.startswith(PREFIX) and not name.endswith(LEFT_OUT)
            and dict(labels).get("pipeline", "").startswith("old_") == old}


def streamed(monitor):
    """Changes applied, without what snapshots read."""
    total = "walpulse_event_processed_count_total"
    return (monitor.total(total, outcome="applied") -
            monitor.total(total, outcome="applied", op="r"))


def test_a_snapshot_and_the_window_rebuild_every_series_of_the_runs_within_it(
        bare_source, programs, emulator, topic, ledger):
    source, (name, url) = bare_source, topic
    populate(source, 400)
    source.setup()
    emulator.create_subscription(f"{name}-window", name)
    lived = Monitor(programs, ledger, "--export", "prometheus")
    emulator.create_subscription(f"{name}-push", name, push=f"{lived.url}/push")
    complete(source, f"{lived.url}/push")
    before = source.change_count()
    source.connector(url, env=emulator.environment())
    source.simulate("--runs", 400, "--rate", 0, "--pipelines", 8, "--seed", 77,
                    "--odds", "stuck=0.05")
    source.execute("UPDATE pipeline_run SET status = 'COMPLETED', completed_at = now() "
                   "WHERE pipeline_uuid LIKE 'old_%' AND status = 'RUNNING' AND id % 3 = 0")
    source.execute("DELETE FROM pipeline_run WHERE pipeline_uuid LIKE 'old_%' AND id % 11 = 1")
    source.wait_confirmed()
    changes = source.change_count() - before
    messages, _ = chaos_delivery.changes(emulator, f"{name}-window", changes)
    wait_until(lambda: streamed(lived) == changes, 60, lambda: f"{streamed(lived)} of {changes}")
    assert disagreements(source, lived)[:10] == []

    with janitor.folder("rebuilt-") as folder:
        other = f"sqlite:{folder}/ledger"
        rebuilt = Monitor(programs, other, "--export", "prometheus")
        ids = sorted((message["attributes"]["ce-id"] for message in messages), key=position)
        into = ("--rate", 0)
        begun = replay(source, "--from", oldest(source), "--until", ids[len(ids) // 2], *into,
                       to=f"{rebuilt.url}/push")
        assert begun.returncode == 0, begun.stderr
        complete(source, f"{rebuilt.url}/push")
        ended = replay(source, "--from", ids[len(ids) // 2], *into, to=f"{rebuilt.url}/push")
        assert ended.returncode == 0, ended.stderr
        chaos_delivery.deliver(messages, f"{rebuilt.url}/push", seed=1)  # changes nothing
        assert disagreements(source, rebuilt)[:10] == []

        assert len(shown(lived, old=False)) > 40
        with chaos_delivery.passing_on(emulator, f"{name}-window", f"{rebuilt.url}/push"):
            wait_until(lambda: shown(rebuilt, old=False) == shown(lived, old=False), 60,
                       lambda: str(set(shown(rebuilt, False).items()) ^
                                   set(shown(lived, False).items())))
        was, now = shown(lived, old=True), shown(rebuilt, old=True)
        active = "walpulse_pipeline_run_active"
        assert {k: v for k, v in was.items() if k[0] == active and v} == {
            k: v for k, v in now.items() if k[0] == active and v}
        assert all(value <= was.get(key, 0) for key, value in now.items()
                   if key[0].endswith(("_total", "_count")))
        lower = [key for key, value in was.items() if now.get(key, 0) < value]
        assert any("finished_count" in key[0] for key in lower), "the test's own sense"
        programs.kill_all()
