"""Between the slot and Pub/Sub: what is confirmed when, and what a service in trouble does."""
import json
import time

import pytest

from harness.event_ids import position
from harness.flow import stdout_events
from harness.programs import run, wait_until
from stand_ins.pubsub_rules import PubsubRules


@pytest.fixture
def rules(emulator):
    with PubsubRules(emulator) as proxy:
        yield proxy


def changes(rules):
    """{ordering key: the events in the order in which they were published}, without heartbeats."""
    published = {}
    for key, ids in list(rules.batches):
        published.setdefault(key, []).extend(
            one for one in ids if one and "pipeline_run" in one and "heartbeat" not in one)
    return {key: ids for key, ids in published.items() if ids}


@pytest.mark.statement("S13")
def test_errors_are_retried_in_place_and_no_later_message_of_a_key_overtakes(
        source, programs, rules, topic):
    rules.fail_with(503, 8)
    rules.fail_with(429, 4)
    rules.delay_seconds = 0.005
    source.connector(topic[1], env=rules.environment())
    source.simulate("--runs", 200, "--rate", 0, "--seed", 13)
    total = source.execute("SELECT count(*) FROM walpulse_truth.audit")[0][0]
    wait_until(lambda: len(set(sum(changes(rules).values(), []))) == total, 60,
               lambda: f"{len(set(sum(changes(rules).values(), [])))} of {total} events")
    for key, ids in changes(rules).items():
        first_seen = list(dict.fromkeys(ids))
        assert first_seen == sorted(first_seen, key=position), key
    assert len(changes(rules)) > 10, "the keys are bounded, and more than a few"
    assert rules.violations == []


@pytest.mark.statement("S13")
def test_a_topic_that_vanishes_is_waited_for(source, programs, emulator, topic):
    name, url = topic
    connector = source.connector(url, env=emulator.environment())
    source.insert_run()
    source.wait_confirmed()
    emulator.call("DELETE", f"topics/{name}")
    source.insert_run()
    lsn = source.end_of_log()
    time.sleep(3)
    assert connector.running() and not source.confirmed(lsn)
    emulator.create_topic(name)
    source.wait_confirmed(seconds=90)


@pytest.mark.statement("S14")
def test_an_event_over_pubsubs_limit_leaves_its_largest_column_behind(source, programs,
                                                                      emulator, rules, topic):
    name, url = topic
    emulator.create_subscription(f"{name}-all", name)
    source.insert_run(variables=json.dumps({"partner": "acme", "payload": "x" * 12_000_000}),
                      metrics='{"rows": 1}')
    source.insert_run(pipeline_uuid="x" * 255, variables=json.dumps({"partner": "é" * 2000}))
    source.connector(url, "--column", "variables", "--column", "metrics", env=rules.environment())
    events = []

    def both():
        events.extend((json.loads(message["data"]), message["attributes"])
                      for message in emulator.pull(f"{name}-all")
                      if message["attributes"]["ce-type"] == "walpulse.change")
        return len(events) >= 2

    wait_until(both, 40, lambda: programs.started[0].text())
    (large, attributes), (labelled, _) = sorted(events, key=lambda pair: pair[0]["after"]["id"])
    assert large["dropped"] == ["variables"] and "variables" not in large["after"]
    assert large["after"]["metrics"] == '{"rows": 1}' and attributes["partner"] == "acme"
    assert len(labelled["labels"]["partner"].encode()) <= 256
    assert rules.violations == []


@pytest.mark.statement("S22")
def test_inserts_of_a_table_without_a_key_flow(bare_source):
    source = bare_source
    source.execute("CREATE TABLE keyless (pipeline_uuid text, word text)")
    source.execute("GRANT SELECT ON keyless TO walpulse")
    flags = ("--table", "keyless", "--publication", "keyless")
    source.setup(*flags)
    source.execute("INSERT INTO keyless VALUES ('the_last', 'hello')")
    (event,) = stdout_events(source, *flags, label=None)
    assert event["after"]["word"] == "hello"


@pytest.mark.statement("S26")
def test_setup_behind_a_long_transaction_times_out_and_says_why(bare_source, server):
    source = bare_source
    with source.connect() as connection, connection.transaction():
        connection.execute("INSERT INTO pipeline_schedule (name) VALUES ('open')")  # takes an xid
        begun = time.monotonic()
        done = run("walpulse-connector", "setup", *source.flags(), "--admin-dsn", source.owner_dsn,
                   "--table", "pipeline_run",
                   "--slot-timeout", "2s", timeout=40)
        assert done.returncode == 1, done.stdout + done.stderr
        assert time.monotonic() - begun < 20
        assert "transaction" in done.stdout + done.stderr
    source.setup()
    source.insert_run(pipeline_uuid="the_last")
    assert len(stdout_events(source)) == 1
