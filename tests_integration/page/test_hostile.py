"""Names come from a database that anybody may write to, addresses from anybody who sends a link."""
import copy

import pytest

from harness.browser import PHONE
from stand_ins.hostile_names import NAMES, renamed
from stand_ins.page_api import sample


@pytest.fixture(params=NAMES.values(), ids=NAMES.keys())
def hostile(request, api):
    for path, answer in list(api.answers.items()):
        api.answers[path] = renamed(copy.deepcopy(answer), request.param)
    # Chosen by walpulse, not by a database.
    for each in api.answers["/overview"]["notices"]:
        each["name"] = "warning"
    return request.param


def test_hostile_names_are_text_and_break_no_view(look, hostile):
    for path in ("/", "/pipelines", "/pipelines/mage:daily_sales", "/runs/mage:812", "/pipe"):
        reader = look(path, size=PHONE)
        reader.page.wait_for_selector("main h1, main article", state="attached")
        assert reader.page.locator("img, script:not([src]), iframe, style").count() == 0, path
        assert reader.sideways() <= 0, path
        assert reader.page.locator("footer").is_visible()
        reader.page.close()


def test_a_hostile_name_does_not_turn_what_stands_behind_it(look, api):
    problems = sample("problems")
    problems["items"][0]["pipeline"]["name"] = "evil\u202e"
    api.answers["/problems"] = problems
    reader = look().wait("3 in a row")
    assert reader.page.locator("#problems article a.name").first.evaluate(
        "a => getComputedStyle(a).unicodeBidi") == "isolate"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)",
                                     "data:text/html,<script>alert(1)</script>", "//evil.example/", "vbscript:x"])
def test_an_address_that_would_run_something_is_no_link(look, api, address):
    problems = sample("problems")
    problems["items"][0] |= {"mage_url": address, "runbook": address}
    api.answers["/problems"] = problems
    reader = look().wait("3 in a row")
    row = reader.page.locator("article[data-problem-row='mage:42']")
    assert [link.get_attribute("href") for link in row.get_by_role("link").all()] == [
        "/pipelines/mage%3Adaily_sales", "/pipelines/mage%3Adaily_sales?label.partner=acme#runs"]


@pytest.mark.parametrize("path", [
    "/?kind=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "/?%3Cscript%3Ealert(1)%3C/script%3E=1", "/?tz=%3Cimg%3E",
    "/?team=%00%FF", "/pipelines/%E0%A4%A", "/pipelines/mage%3A%3Cimg%20src%3Dx%3E", "/runs/812", "/#%E0%A4%A",
    "/pipelines?state=" + "x" * 2_000, "/?problem=%22%5D%2C*&mute=%22%5D"])
def test_hostile_addresses_are_said_to_be_wrong_and_nothing_more(look, api, path):
    reader = look(path)
    reader.page.wait_for_selector("main h1", state="attached")
    assert reader.page.locator("main img, main script").count() == 0
    api.broken.clear()  # the stand-in calls a value that it does not know unknown too


def test_links_to_other_sites_tell_them_nothing(look):
    reader = look("/runs/mage:812").wait("Run in Mage")
    links = reader.page.locator("a[href^='http']").all()
    assert links
    for link in links:
        assert {"noopener", "noreferrer"} <= set(link.get_attribute("rel").split())


def test_the_policy_lets_no_script_in(look, api):
    reader = look().wait("daily_sales")
    reader.page.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.body.append(script);
    }""")
    assert reader.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in line for line in reader.lines)
    reader.lines.clear()


def test_ten_thousand_rows_of_a_group_do_not_stop_the_page(look, api):
    problems = sample("problems")
    first = problems["items"][0]
    problems["items"] = [{**first, "id": f"mage:{number}", "subject": f"p{number}",
                          "pipeline": {**first["pipeline"], "id": f"mage:p{number}", "name": f"p{number}"}}
                         for number in range(200)]
    problems |= {"total": 10_000, "next_page_token": "more"}
    api.answers["/problems"] = problems
    reader = look().wait("200 pipelines failing").wait("The 200 most severe of 10,000.")
    spent = reader.page.evaluate("""async () => {
        const begun = performance.now();
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        return performance.now() - begun;
    }""")
    assert spent < 5_000
