"""What the monitor answers under /api/v1, beside the database itself and beside its own OpenAPI document."""
import collections
import json
import pathlib
import subprocess
import sys
import threading

import pytest
from openapi_spec_validator import validate

from harness import openapi, problems, truth
from harness.flow import Monitor
from harness.openapi import Api, segment
from harness.programs import fetch, wait_until

pytestmark = pytest.mark.statement("api")

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "tests/monitor/api/samples"


def test_the_document_is_openapi_and_what_is_served(programs, ledger):
    validate(openapi.DOCUMENT)
    done = subprocess.run([sys.executable, str(ROOT / "monitor/api/make_openapi.py"), "--check"])
    assert done.returncode == 0
    status, text = fetch(f"{Monitor(programs, ledger).url}/openapi.json")
    assert status == 200 and json.loads(text) == json.loads(json.dumps(openapi.DOCUMENT, default=str))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_samples_are_answers(path):
    schema = path.stem.split(".")[1]
    errors = openapi.validator(f"/components/schemas/{schema}").iter_errors(json.loads(path.read_text()))
    assert not [error.message for error in errors]


def ends_of(items):
    return {item["run"]: (item["pipeline"]["name"], item["status"], item["ended_at"])
            for item in items if not item["active"]}


@pytest.fixture
def filled(bare_source, programs, ledger):
    """Runs with blocks and triggers, all of them counted: (source, monitor, API)."""
    bare_source.setup(alone=False)
    monitor = Monitor(programs, ledger, "--mage-url", "https://mage.example.com")
    bare_source.connector(f"{monitor.url}/push", "--block-error")
    bare_source.simulate("--runs", 400, "--rate", 0, "--seed", 17, "--blocks", "--odds", "fail=0.3",
                         "--odds", "change_key=0")
    monitor.wait_equal(bare_source)
    return bare_source, monitor, Api(monitor.url)


def test_every_number_is_what_the_database_says(filled):
    source, _, api = filled
    ended, active = truth.ends(source), truth.active(source)
    wait_until(lambda: ends_of(api.all("/runs", page_size=200)) == ended, 20,
               lambda: f"{set(ends_of(api.all('/runs')).items()) ^ set(ended.items())}", pause=1)
    said = api.get("/overview")["monitor"]
    assert (said["message_count"], said["rejected_count"]) == (source.change_count_of_all(), 0)
    items = api.all("/runs", page_size=37)
    assert len({item["id"] for item in items}) == len(items)
    assert {item["run"] for item in items if item["active"]} == active
    for status in ("COMPLETED", "FAILED", "CANCELLED"):
        wanted = {run for run, (_, how, _) in ended.items() if how == status}
        assert {item["run"] for item in api.all("/runs", status=status)} == wanted

    wait_until(lambda: {one["pipeline"]["name"] for one in api.all("/problems", kind="failing")} ==
               problems.failing(source), 60, "the failing ones", pause=1)
    by_pipeline = collections.defaultdict(list)
    for run, (pipeline, status, at) in ended.items():
        by_pipeline[pipeline].append((at, run, status))
    listed = {one["name"]: one for one in api.all("/pipelines", page_size=3)}
    for pipeline, runs in by_pipeline.items():
        runs.sort(reverse=True)
        shown = listed[pipeline]
        assert shown["success"]["ended"] == len(runs)
        assert shown["success"]["completed"] == sum(status == "COMPLETED" for _, _, status in runs)
        assert [(mark["run"], mark["status"]) for mark in shown["last_ends"]] == [
            (run, status) for _, run, status in runs[:20]]
        one = api.get(f"/pipelines/{segment(shown['id'])}")
        assert len(one["last_ends"]) == min(50, len(runs))
        assert sum(day["completed"] + day["failed"] + day["cancelled"]
                   for day in one["trend"]) == len(runs)
    overview = api.get("/overview")
    assert overview["pipelines"]["total"] == len(listed)
    assert sum(kind["open"] for kind in overview["counts"]) == api.get("/problems")["total"]
    causes = {one["run"]: one for one in source.truth_of("failures")}
    for item in api.all("/runs", status="FAILED")[:40]:
        told = api.get(f"/runs/{segment(item['id'])}", include="steps,blocks,last_success")
        if item["run"] in causes and item["attempts"] == 1:
            assert told["cause"]["cause"] == causes[item["run"]]["cause"]
    for path in ("/triggers", "/schedule", "/sources", "/rules", "/mutes"):
        api.get(path)


def test_pages_are_stable_while_runs_are_written(filled):
    source, _, api = filled
    before = {item["run"] for item in api.all("/runs", page_size=200) if not item["active"]}
    stop = threading.Event()

    def write():
        while not stop.is_set():
            run = source.insert_run()
            source.execute("UPDATE pipeline_run SET status = 'COMPLETED', completed_at = now() WHERE id = %s",
                           [run])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            ids = [item["run"] for item in api.all("/runs", page_size=11)]
            assert len(set(ids)) == len(ids), "a run came twice"
            assert before <= set(ids), "a run was left out"
    finally:
        stop.set()
        writer.join()


def test_answers_are_compared_by_their_tag(filled):
    _, monitor, api = filled
    status, headers, _ = api.ask("/runs")
    assert status == 200 and headers["Cache-Control"] == "private, max-age=1"
    assert api.ask("/runs", headers={"If-None-Match": headers["ETag"]})[0] == 304
    status, headers, text = api.ask("/runs", "HEAD")
    assert status == 200 and not text and headers["ETag"]
    status, headers, _ = api.ask("/runs", "POST")
    assert status == 405 and headers["Allow"] == "GET, HEAD"
    assert api.ask("/runs", nonsense=1)[0] == 400
    status, headers, text = api.ask("/runs", format="csv", page_size=5)
    assert headers["Content-Type"].startswith("text/csv") and len(text.splitlines()) == 6
    assert monitor.program.stop() == 0


REFUSED = """
[checks]
negative_data_rejection.expected-statuses = [400, 404, 405, 410, 414]
"""


def test_nothing_that_is_asked_breaks_it(filled, tmp_path):
    """Schemathesis makes up requests, right ones and wrong ones: no 500, no answer that is not documented."""
    _, monitor, api = filled
    config = tmp_path / "schemathesis.toml"
    config.write_text(REFUSED)
    done = subprocess.run(
        [str(pathlib.Path(sys.executable).parent / "schemathesis"), "--config-file", str(config), "run", f"{monitor.url}/openapi.json", "--url",
         f"{monitor.url}/api/v1", "--include-method", "GET", "--phases", "examples,coverage,fuzzing",
         "--max-examples", "25", "--seed", "17", "--no-color", "--checks",
         "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
         "response_headers_conformance,negative_data_rejection,unsupported_method"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-8000:]
    assert monitor.program.running() and api.get("/overview")
