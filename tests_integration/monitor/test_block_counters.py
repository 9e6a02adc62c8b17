"""How the blocks of runs ended, from Mage's rows to the metric, beside what SQL says of the same rows."""
import pytest

from harness import block_ends, promql
from harness.flow import Monitor
from harness.programs import fetch, wait_until

pytestmark = pytest.mark.statement("block_ends")


def test_ends_of_blocks_equal_what_the_database_says(bare_source, programs, ledger):
    bare_source.setup(alone=False)
    monitor = Monitor(programs, ledger)
    connector = bare_source.connector(f"{monitor.url}/push")
    bare_source.simulate("--runs", 300, "--rate", 0, "--seed", 31, "--blocks", "--odds", "fail=0.4",
                         "--odds", "condition=0.3", "--odds", "retry_failed=0.3")
    monitor.wait_equal(bare_source)
    truth = block_ends.told_by_sql(bare_source)
    assert {status for _, _, status in truth} == {
        "COMPLETED", "FAILED", "UPSTREAM_FAILED", "CONDITION_FAILED"}
    assert sum(count for count, _, _ in truth.values()) > 500
    assert not any(":" in block for _, block, _ in truth)
    wait_until(lambda: not block_ends.differences(bare_source, monitor.metrics()), 30,
               lambda: str(block_ends.differences(bare_source, monitor.metrics())[:5]))
    printed = promql.printed(fetch(f"{monitor.url}/metrics")[1])
    assert {name: labels for name, labels in printed.items() if "_block_run_" in name} == promql.ONLY_SCRAPED
    assert connector.stop() == 0, connector.text()


def test_there_are_none_where_blocks_stay_at_home(bare_source, programs, ledger):
    bare_source.setup("--no-blocks", alone=False)
    monitor = Monitor(programs, ledger)
    connector = bare_source.connector(f"{monitor.url}/push")
    bare_source.simulate("--runs", 60, "--rate", 0, "--seed", 32, "--blocks")
    monitor.wait_equal(bare_source)
    assert block_ends.told_by_sql(bare_source)
    assert block_ends.counted(monitor.metrics()) == {}
    assert connector.stop() == 0, connector.text()
