"""One pipeline, forty partners: which of them it is, and everything of theirs in one click."""
import pytest
from axe_playwright_python.sync_playwright import Axe

from harness.browser import DESK, PHONE
from stand_ins.page_api import sample

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
RULE = '[[pipeline]]\nmatch = "daily_sales"\nsource = "mage"\nper = ["partner"]\n'


def mixed(**changes):
    pipeline = sample("pipeline")
    pipeline["groups"] = []
    pipeline["mixed_ends"] = [{"label": "partner", "failing": "hooli", "failed_in_a_row": 5, "succeeding": "acme",
                               "rule": RULE, **changes}]
    return pipeline


@SIZES
def test_ends_that_alternate_by_label_are_said_with_the_rule_to_paste(look, api, size):
    api.answers["/pipelines/mage:daily_sales"] = mixed()
    reader = look("/pipelines/mage:daily_sales", size=size).wait("Ends alternate by partner")
    said = reader.text("section.mixed")
    assert "partner=hooli failed 5 times in a row, while partner=acme succeeds." in said
    assert reader.page.locator("section.mixed pre").inner_text() == RULE.strip()
    assert reader.page.locator("section.mixed button").get_attribute("data-text") == RULE
    assert reader.sideways() <= 0
    assert Axe().run(reader.page).response["violations"] == []


def test_ends_that_no_rule_can_tell_apart_are_said_to_be(look, api):
    api.answers["/pipelines/mage:daily_sales"] = mixed(failing="<b>\n", rule=None)
    reader = look("/pipelines/mage:daily_sales").wait("Ends alternate by partner")
    assert "No rule can hold these names" in reader.text("section.mixed")
    assert reader.page.locator("section.mixed pre, section.mixed b").count() == 0


@SIZES
def test_the_list_of_pipelines_says_whose_runs_fail(look, api, size):
    pipelines = sample("pipelines")
    pipelines["items"][0] |= {"labels": {"partner": "acme", "odd name": "x"}, "problem_count": 3}
    pipelines["items"][1] |= {"labels": {}, "problem_count": 1}
    api.answers["/pipelines"] = pipelines
    reader = look("/pipelines", size=size).wait("for partner=acme, odd name=x since 02:04 and 2 problems more")
    row = reader.page.locator("tr[data-row]").first
    assert row.get_by_role("link", name="partner=acme").get_attribute("href").endswith("label.partner=acme#runs")
    assert reader.page.locator("tr[data-row]").nth(1).locator("td .labels").count() == 0
    assert reader.sideways() <= 0
    assert Axe().run(reader.page).response["violations"] == []


def test_nothing_is_said_of_ends_that_do_not(look):
    reader = look("/pipelines/mage:daily_sales").wait("Failing for partner=acme since")
    assert reader.page.locator("section.mixed").count() == 0


def test_a_partners_name_leads_to_its_runs(look, api):
    reader = look().wait("daily_sales")
    reader.page.locator("#problems").get_by_role("link", name="partner=acme").click()
    reader.page.wait_for_url("**/pipelines/mage%3Adaily_sales?label.partner=acme#runs")
    reader.wait("partner=acme ×")
    assert [query for _, path, query, _ in api.asked if path == "/runs"][-1]["label.partner"] == "acme"
    groups = reader.page.locator("section:has(> h2:text('By label'))")
    assert groups.get_by_role("link", name="partner=globex").get_attribute("href").endswith("label.partner=globex#runs")


def test_labels_that_nothing_can_be_filtered_by_are_no_links(look, api):
    problems = sample("problems")
    problems["items"] = [{**problems["items"][0], "labels": {"a b": "x", "empty": "", "partner": "<i>&#?/"}}]
    api.answers["/problems"] = problems
    reader = look().wait("a b=x")
    links = reader.page.locator("#problems .labels a")
    assert links.count() == 1
    links.click()
    reader.wait("partner=<i>&#?/ ×")


def test_a_triggers_own_failures_lead_to_the_triggers_runs(look, api):
    problems = sample("problems")
    problems["items"] = [{**problems["items"][0], "labels": {"trigger": "nightly"}}]
    api.answers["/problems"] = problems
    reader = look().wait("trigger=nightly")
    reader.page.locator("#problems").get_by_role("link", name="trigger=nightly").click()
    reader.page.wait_for_url("**trigger=nightly#runs")


def test_a_search_finds_the_pipelines_that_run_for_a_partner(look, api):
    pipelines = sample("pipelines")
    pipelines["items"][0]["matched_labels"] = [{"name": "partner", "value": "acme"}]
    api.answers["/pipelines"] = pipelines
    reader = look().wait("daily_sales")
    reader.page.locator("#search").fill("acme")
    reader.wait("partner=acme", "tbody th")
    link = reader.page.locator("tbody th").first.get_by_role("link", name="partner=acme")
    assert link.get_attribute("href").endswith("?label.partner=acme#runs")
