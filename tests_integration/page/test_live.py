"""The page of a monitor that counts, beside the database that it counts from."""
import collections
import os
import signal

import pytest

from harness import problems, truth
from harness.browser import PHONE, Reader
from harness.flow import Monitor
from harness.programs import wait_until

pytestmark = pytest.mark.statement("page")

HOSTILE = ["<img src=x onerror=alert(1)>", "a/../b?c=1&d#e", "100% %41 %", "x" * 255, "evil\u202egpj.exe", "two\nlines",
           "'; DROP TABLE pipeline_run; --", "javascript:alert(1)", " ", "\U0001f525"]


@pytest.fixture
def monitor(bare_source, programs, ledger):
    bare_source.setup(alone=False)
    return Monitor(programs, ledger, "--mage-url", "https://mage.example.com")


@pytest.fixture
def look(browser, monitor):
    readers = []

    def open_(path="/", **options):
        readers.append(Reader(browser, monitor.url, **options))
        return readers[-1].open(path)

    yield open_
    for reader in readers:
        reader.close()
        assert reader.complaints() == []


def test_from_nothing_heard_to_runs_without_a_reload(look, bare_source, monitor):
    reader = look().wait("No connector has reported yet.")
    assert f"walpulse-connector run --to {monitor.url}/push" in reader.text("pre")
    bare_source.connector(f"{monitor.url}/push")
    reader.wait("Connected, and no run yet.", timeout=30_000)
    run = bare_source.insert_run(pipeline_uuid="daily_sales", status="RUNNING")
    reader.wait("Going on (1)", timeout=30_000)
    bare_source.execute("UPDATE pipeline_run SET status = 'FAILED', completed_at = now() WHERE id = %s", [run])
    reader.wait("FAILING", "#problems", timeout=30_000).wait("daily_sales", "#problems")
    assert reader.page.title().startswith("(1)")
    bare_source.insert_run(pipeline_uuid="daily_sales", status="COMPLETED")
    reader.wait("Nothing needs you.", timeout=30_000).wait("WAS FAILING")


ROWS = """() => Object.fromEntries([...document.querySelectorAll('main tbody tr')].map(row => [
    row.querySelector('a[data-main]').innerText, row.querySelector('[data-label="success 7 d"]').innerText]))"""


def table(reader):
    """{pipeline: its success of 7 days}, page by page, as it stands there."""
    reader.open("/pipelines?sort=name").page.wait_for_selector("main tbody tr")
    shown = reader.page.evaluate(ROWS)
    while (further := reader.page.get_by_role("link", name="Next page")).count():
        first = next(iter(reader.page.evaluate(ROWS)))
        further.click()
        reader.page.wait_for_function("first => document.querySelector('main tbody a[data-main]').innerText !== first", arg=first)
        shown |= reader.page.evaluate(ROWS)
    return shown


def test_every_number_is_what_the_database_says(look, bare_source, monitor):
    bare_source.connector(f"{monitor.url}/push", "--block-error")
    reader = look(size=PHONE)
    writing = bare_source.start_simulation("--runs", 300, "--rate", 100, "--seed", 5, "--blocks", "--odds", "fail=0.3",
                                           "--odds", "change_key=0")
    reader.wait("Going on", timeout=30_000)
    wait_until(lambda: not writing.running(), 120, "the simulator ends", pause=0.5)
    monitor.wait_equal(bare_source)

    ended = truth.ends(bare_source)
    by_pipeline = collections.defaultdict(list)
    for name, status, _ in ended.values():
        by_pipeline[name].append(status)
    wanted = {name: f"{statuses.count('COMPLETED')} of {len(statuses)}" for name, statuses in by_pipeline.items()}
    pipelines = look("/pipelines")
    wait_until(lambda: table(pipelines) == wanted, 30, lambda: f"{table(pipelines)}, not {wanted}", pause=1)

    failing = problems.failing(bare_source)

    def shown():
        for group in reader.page.locator("#problems details:not([open]) > summary").all():
            group.click()
        return set(reader.texts("#problems article:has(.word:text('failing')) a[data-main]"))

    wait_until(lambda: shown() == failing, 60, lambda: f"{shown()}, not {failing}", pause=1)
    tile = reader.page.locator(".tiles.four a", has_text="failing")
    if tile.count():
        assert tile.inner_text().split()[0] == str(len(failing))

    one = max(by_pipeline, key=lambda name: len(by_pipeline[name]))
    pipeline = look("/pipelines")
    pipeline.page.locator("#search").fill(one)
    pipeline.wait("of these")
    pipeline.page.get_by_role("link", name=one, exact=True).click()
    pipeline.wait("Last ")
    last = [status for run, (name, status, at) in sorted(ended.items(), key=lambda item: (item[1][2], item[0]), reverse=True)
            if name == one][:50]
    marks = pipeline.page.locator("section:has(> h2:text('Last')) svg a")
    assert [mark.get_attribute("aria-label").split(",")[0].split()[-1] for mark in marks.all()] == [
        status.lower() for status in reversed(last)]


def test_a_monitor_that_stands_still_is_seen_and_seen_to_be_back(look, bare_source, monitor):
    bare_source.connector(f"{monitor.url}/push")
    bare_source.insert_run(pipeline_uuid="daily_sales", status="FAILED")
    reader = look().wait("daily_sales", timeout=30_000).wait("live, as of", "#truth", timeout=30_000)
    process = monitor.program.process.pid
    os.kill(process, signal.SIGSTOP)
    try:
        reader.wait("no answer since", "#truth", timeout=20_000)
        assert "daily_sales" in reader.text()
    finally:
        os.kill(process, signal.SIGCONT)
    reader.wait("live, as of", "#truth", timeout=20_000)
    monitor.program.stop()
    reader.wait("no answer since", "#truth", timeout=20_000)
    monitor.start()
    reader.wait("live, as of", "#truth", timeout=40_000).wait("daily_sales")


def test_hostile_names_pass_through_everything_and_do_nothing(look, bare_source, monitor):
    bare_source.connector(f"{monitor.url}/push")
    for name in HOSTILE:
        bare_source.insert_run(pipeline_uuid=name, status="FAILED")
    reader = look("/pipelines?sort=name").wait("pipelines", timeout=30_000)
    wait_until(lambda: reader.page.locator("main tbody tr").count() == len(HOSTILE), 30,
               lambda: f"all of them are listed, not {reader.texts('main')}")
    assert reader.page.locator("img, main script").count() == 0
    links = [link.get_attribute("href") for link in reader.page.locator("main tbody a[data-main]").all()]
    for link in links:
        one = look(link)
        wait_until(lambda: "Failing since" in one.text(), 20, lambda: f"{link} shows {one.text()[:300]}")
        one.page.locator("#runs a[data-main]").click()
        one.wait("Against the last success")
        assert one.page.locator("img, main script").count() == 0


def test_filters_survive_reload_and_back(look, bare_source, monitor):
    bare_source.connector(f"{monitor.url}/push")
    for name in ("one", "two"):
        bare_source.insert_run(pipeline_uuid=name, status="FAILED")
    bare_source.insert_run(pipeline_uuid="three", status="COMPLETED")
    reader = look("/pipelines").wait("3 pipelines", timeout=30_000)
    reader.page.locator("[data-name=state]").select_option("failing")
    reader.wait("2 pipelines of these").gone("three", "tbody")
    reader.page.reload()
    reader.wait("2 pipelines of these").gone("three", "tbody")
    reader.page.go_back()
    reader.wait("three", "tbody")


def test_the_docs_are_of_this_monitor(look, monitor):
    reader = look("/docs").wait("GET /problems")
    assert f"curl -fsS '{monitor.url}/api/v1/problems'" in reader.page.locator("#listProblems pre").text_content()
