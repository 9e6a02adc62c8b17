"""A Mage run becomes a metric: simulator, PostgreSQL, connector, Pub/Sub, monitor."""
import json

import pytest

from harness.flow import Monitor
from harness.programs import fetch, wait_until
from stand_ins.pubsub_rules import PubsubRules

RUNS = ("--runs", 400, "--rate", 0, "--pipelines", 10, "--seed", 2, "--concurrency", 2,
        "--odds", "stuck=0.05", "--odds", "change_key=0.05", "--odds", "rename_table=0.02",
        "--odds", "delete_trigger=0.02")

pytestmark = [pytest.mark.core("flow"), pytest.mark.statement("flow")]


@pytest.fixture
def rules(emulator):
    with PubsubRules(emulator) as proxy:
        yield proxy


def test_every_metric_equals_the_truth_by_push(source, programs, emulator, rules, topic, ledger):
    name, url = topic
    monitor = Monitor(programs, ledger, "--export", "prometheus")
    emulator.create_subscription(f"{name}-push", name, push=f"{monitor.url}/push")
    source.connector(url, env=rules.environment())
    source.simulate(*RUNS)
    monitor.wait_equal(source)
    source.wait_confirmed()
    assert rules.violations == []
    assert sum(len(ids) for _, ids in rules.batches) >= source.execute(
        "SELECT count(*) FROM walpulse_truth.audit")[0][0]


def test_every_metric_equals_the_truth_by_pull(source, programs, emulator, topic, ledger):
    name, url = topic
    subscription = emulator.create_subscription(f"{name}-pull", name)
    monitor = Monitor(programs, ledger, "--subscription", subscription,
                      "--export", "prometheus", env=emulator.environment())
    source.connector(url, env=emulator.environment())
    source.simulate(*RUNS)
    monitor.wait_equal(source)


def test_every_metric_equals_the_truth_without_a_broker(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    source.connector(f"{monitor.url}/push")
    source.simulate(*RUNS)
    monitor.wait_equal(source)
    source.wait_confirmed()
    monitor.settled()
    assert monitor.total("walpulse_event_processed_count_total", outcome="invalid") == 0


def test_a_heartbeat_tells_that_the_pipe_is_alive_when_the_table_is_quiet(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    connector = source.connector(f"{monitor.url}/push")
    name = "walpulse_flow_heartbeat_age"
    wait_until(lambda: any(found == name for found, _ in monitor.metrics()), 15,
               lambda: f"a heartbeat in {sorted(monitor.metrics())}")
    assert 0 <= monitor.total(name) < 5
    assert any(found.startswith("walpulse_connector_lag_bytes") for found, _ in monitor.metrics())
    connector.stop()
    wait_until(lambda: monitor.total(name) > 2, 15, "the heartbeat grows old")


def test_liveness_readiness_health_and_metrics_answer_on_both_sides(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    connector = source.connector(f"{monitor.url}/push")
    wait_until(lambda: fetch(f"{connector.url}/readiness")[0] == 200, 15,
               lambda: fetch(f"{connector.url}/readiness"))
    for url in (connector.url, monitor.url):
        assert fetch(f"{url}/liveness")[0] == 200
        assert fetch(f"{url}/health")[0] == 200
        status, text = fetch(f"{url}/metrics")
        assert status == 200 and "# TYPE walpulse_" in text


def test_each_failed_run_is_one_structured_line_of_the_monitors_log(source, programs):
    monitor = Monitor(programs, "memory", "--export", "prometheus")
    source.connector(f"{monitor.url}/push")
    run_id = source.insert_run(pipeline_uuid="daily_sales", status="RUNNING",
                               variables='{"partner": "acme", "token": "do-not-log"}')
    source.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE id = %s", [run_id])
    source.execute("UPDATE pipeline_run SET status = 'FAILED' WHERE id = %s", [run_id])
    monitor.wait_equal(source)
    source.wait_confirmed()
    lines = [json.loads(line) for line in monitor.program.text(10_000).splitlines()
             if '"ERROR"' in line]
    assert len(lines) == 1, lines
    assert str(run_id) in json.dumps(lines[0]) and "daily_sales" in json.dumps(lines[0])
    for program in programs.started:
        assert "do-not-log" not in program.text(10_000)
