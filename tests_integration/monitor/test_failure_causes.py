"""Why runs failed, from Mage's rows to the metric and the log line, beside what SQL says of the same rows."""
import collections
import json
import random
import time

import pytest

from harness.flow import Monitor
from harness.programs import wait_until

pytestmark = pytest.mark.statement("tables")

METRIC = "walpulse_pipeline_run_failed_count_total"


def counted(monitor):
    """{(pipeline, cause): failures}"""
    causes = collections.Counter()
    for (name, labels), value in monitor.metrics().items():
        if name == METRIC:
            labels = dict(labels)
            causes[labels["pipeline"], labels["cause"]] += int(value)
    return +causes


def told_by_sql(source, seen_as):
    causes = collections.Counter()
    for failure in source.truth_of("failures"):
        causes[failure["pipeline"], seen_as.get(failure["cause"], failure["cause"])] += 1
    return causes


@pytest.mark.parametrize("flags, seen_as", [(["--block-error"], {}), ([], {"block_timeout": "block"})],
                         ids=["with errors", "without"])
def test_causes_of_failures_equal_what_the_database_says(bare_source, programs, ledger, flags, seen_as):
    bare_source.setup(alone=False)
    monitor = Monitor(programs, ledger)
    connector = bare_source.connector(f"{monitor.url}/push", *flags)
    bare_source.simulate("--runs", 300, "--rate", 0, "--seed", 28, "--blocks", "--odds", "fail=0.5")
    monitor.wait_equal(bare_source)
    truth = told_by_sql(bare_source, seen_as)
    assert {one["cause"] for one in bare_source.truth_of("failures")} >= {
        "block", "block_timeout", "run_timeout", "initialisation"}, truth
    wait_until(lambda: counted(monitor) == truth, 30, lambda: f"{counted(monitor)}\n{truth}")
    assert connector.stop() == 0, connector.text()
    failures = [one for one in bare_source.truth_of("failures") if one["cause"] == "block"]
    said = [line for line in monitor.program.text().splitlines() if "pipeline run failed" in line]
    assert any(f"run_id={one['run']} " in line and f"block={one['block']}" in line
               for one in failures for line in said), said[:3]


def logged(monitor):
    """[(run, which of its failures)] as this life of the monitor logged them."""
    lines = [json.loads(line) for line in monitor.program.text(lines=1_000_000).splitlines() if "pipeline run failed" in line]
    return [(line["run_id"], line["nth"]) for line in lines]


def test_kills_leave_no_failed_run_out_of_the_log(bare_source, programs, ledger):
    bare_source.setup(alone=False)
    monitor = Monitor(programs, ledger)
    bare_source.connector(f"{monitor.url}/push")
    simulation = bare_source.start_simulation("--duration", "60s", "--rate", 100, "--concurrency", 1, "--seed", 29,
                                              "--odds", "fail=0.5", "--odds", "change_key=0")
    rng = random.Random(29)
    said = []
    for _ in range(3):
        wait_until(lambda: logged(monitor), 60, "it leads, and logs")
        time.sleep(rng.uniform(0, 1))
        monitor.program.kill()
        said += logged(monitor)
        monitor.start()
    assert simulation.wait(120) == 0, simulation.text()
    monitor.wait_equal(bare_source)
    failures = collections.Counter(one["run"] for one in bare_source.truth_of("failures"))

    def known():
        return {*said, *logged(monitor)}

    wait_until(lambda: collections.Counter(run for run, _ in known()) == failures, 60,
               lambda: f"{failures - collections.Counter(run for run, _ in known())} were left out")
    again = len(said) + len(logged(monitor)) - len(known())
    assert again <= 3 * 100, "what one transaction handles comes twice at most"
