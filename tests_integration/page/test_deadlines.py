"""Whether tonight's work will be done in time, and what of the past nights was not."""
import pytest
from axe_playwright_python.sync_playwright import Axe

from harness.browser import DESK, PHONE
from stand_ins.page_api import sample

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
AT = "2026-11-28T08:00:00.000000Z"


def wanted(**changes):
    pipeline = {**sample("pipeline"), "problems": []}
    pipeline["deadline"]["next"] |= {"at": AT, "usual_at": "2026-11-28T07:20:00Z", "expected_at": "2026-11-28T07:20:00Z",
                                     **changes}
    return pipeline


@SIZES
@pytest.mark.parametrize("changes, said", [
    ({}, "next 08:00 not yet, usually done by 07:20: in time, 40 min to spare."),
    ({"under_way": True, "expected_at": "2026-11-28T07:40:00Z"}, "next 08:00 on its way, done by about 07:40: in time, 20 min to spare."),
    ({"under_way": True, "expected_at": "2026-11-28T08:40:00Z"}, "on its way, done by about 08:40: later than wanted."),
    ({"done": True, "done_at": "2026-11-28T06:12:00Z", "expected_at": None}, "next 08:00 done 06:12."),
    ({"done": True, "done_at": None, "expected_at": None}, "next 08:00 done."),
    ({"expected_at": "2026-11-28T06:50:00Z"}, "next 08:00 not yet, though usually done by 06:50."),
    ({"at": "2026-11-30T08:00:00Z", "expected_at": "2026-11-29T23:50:00Z"},
     "next 30 Nov 08:00 not yet, usually done by tomorrow 23:50: in time, 8 h 10 min to spare."),
    ({"usual_at": None, "expected_at": None}, "next 08:00 not yet."),
], ids=["not yet", "on its way", "late", "done", "done some time", "overdue", "the day before", "nothing usual"])
def test_a_pipeline_says_whether_it_will_be_done_in_time(look, api, size, changes, said):
    api.answers["/pipelines/mage:daily_sales"] = wanted(**changes)
    reader = look("/pipelines/mage:daily_sales", size=size).wait("To be done by Mon-Fri 07:00 Lisbon (UTC+0):")
    assert "yesterday 07:00 done 02:11; " in reader.text("#deadline")
    assert reader.text("#deadline").endswith(said)


@pytest.mark.parametrize("kind, said", [
    ("failing", "usually done by 07:20, but failing now."), ("too_long", "usually done by 07:20: in time, 40 min to spare."),
    ("not_started", "usually done by 07:20, but its last run did not start."),
    ("stale", "usually done by 07:20, but without a success for long.")])
def test_what_fails_now_is_not_said_to_be_in_time(look, api, kind, said):
    pipeline = wanted()
    [problem] = sample("pipeline")["problems"][:1]
    pipeline["problems"] = [{**problem, "kind": kind, "pipeline": pipeline["deadline"]["pipeline"]}]
    api.answers["/pipelines/mage:daily_sales"] = pipeline
    assert look("/pipelines/mage:daily_sales").wait("To be done by").text("#deadline").endswith(said)
    pipeline["problems"][0] |= {"state": "closed", "closed_at": "2026-11-28T04:00:00Z"}
    if kind != "too_long":
        assert look("/pipelines/mage:daily_sales").wait("in time, 40 min to spare")


@pytest.mark.parametrize("last, said", [
    (None, "Lisbon (UTC+0): 08:00 not yet"),
    ({"done": False, "done_at": None}, "yesterday 07:00 not done; next"),
    ({"done": True, "done_at": "2026-11-27T07:41:00Z"}, "yesterday 07:00 done 07:41, 41 min late; next")])
def test_what_became_of_the_last_deadline(look, api, last, said):
    pipeline = wanted()
    pipeline["deadline"]["last"] = last and {**pipeline["deadline"]["last"], **last}
    pipeline["deadline"]["next"]["at"] = AT
    api.answers["/pipelines/mage:daily_sales"] = pipeline
    assert said in look("/pipelines/mage:daily_sales").wait("To be done by").text("#deadline")


def test_without_a_rule_nothing_is_said_of_deadlines(look, api):
    api.answers["/pipelines/mage:daily_sales"] = {**sample("pipeline"), "deadline": None}
    reader = look("/pipelines/mage:daily_sales").wait("Failing for partner=acme since")
    assert "To be done by" not in reader.text()
    api.answers["/overview"] = sample("overview_fine")
    assert "To be done" not in look().wait("All pipelines").text()


@SIZES
def test_now_shows_the_deadlines_that_come(look, size):
    reader = look(size=size).wait("To be done within 24 h")
    lines = reader.texts("section:has(> h2:text('To be done')) li")
    assert lines == ["08:00 daily_payments on its way, though usually done by 06:43", "08:00 daily_stock ✓ done 07:12"]
    assert reader.sideways() <= 0


def test_of_many_deadlines_it_is_said_how_many_are_done(look, api):
    overview = sample("overview")
    overview |= {"deadline_count": 40, "deadline_done_count": 31}
    api.answers["/overview"] = overview
    look().wait("and 38 more; 31 of 40 are done")


@SIZES
def test_slots_that_nobody_made_good_are_on_now_also_of_pipelines_that_are_fine(look, api, size):
    api.answers["/problems"] = sample("problems_none")
    overview = sample("overview_fine")
    overview["not_made_good"] = sample("overview")["not_made_good"]
    api.answers["/overview"] = overview
    reader = look(size=size).wait("Not made good")
    assert "3 slots of 2 pipelines: daily_sales 2, from 19 Nov 02:00 to 26 Nov 02:00, daily_stock 25 Nov 07:00." in \
        reader.text("#not-made-good")
    assert Axe().run(reader.page).response["violations"] == []
    reader.page.get_by_role("link", name="3 slots of 2 pipelines").click()
    reader.wait("with not made good ×")
    assert [query for _, path, query, _ in api.asked if path == "/pipelines"][-1] == {"has": "not_made_good"}
    reader.page.go_back()
    reader.wait("Not made good")
    reader.page.locator("#not-made-good").get_by_role("link", name="daily_sales").click()
    reader.wait("26 Nov 02:00, 19 Nov 02:00.")
    assert reader.page.url.endswith("#not-made-good")


def test_of_a_part_of_the_problems_nothing_is_said_to_be_in_time(look, api):
    """Whoever looks for one pipeline has not the failure of the other in the list."""
    overview = sample("overview")
    overview["deadlines"][0]["next"] |= {"under_way": False, "expected_at": "2026-11-28T07:20:00Z"}
    api.answers["/overview"] = overview
    assert "usually done by 07:20: in time, 40 min to spare" in look().wait("To be done within 24 h").text()
    said = look("/?text=stock").wait("To be done within 24 h").text()
    assert "usually done by 07:20" in said and "in time" not in said and "Without a slot" not in said
    api.answers["/problems"] = {**sample("problems"), "next_page_token": "more", "total": 201}
    said = look().wait("To be done within 24 h").text()
    assert "in time" not in said and "Without a slot" not in said


@SIZES
def test_what_fails_without_a_slot_is_not_made_good_either(look, api, size):
    problems = sample("problems")
    failing = next(each for each in problems["items"] if each["kind"] == "failing")
    api.answers["/problems"] = {**problems, "items": [
        {**failing, "id": "71", "labels": {"partner": "hooli"}, "failed_in_a_row": 21,
         "pipeline": {**failing["pipeline"], "id": "mage:partner_import", "name": "partner_import"}},
        {**failing, "id": "72", "labels": {}, "failed_in_a_row": 1, "pipeline": {**failing["pipeline"], "id": "mage:called", "name": "called"}},
        {**failing, "id": "73"}]}
    overview = sample("overview")
    overview["not_made_good"] = {"slot_count": 0, "pipeline_count": 0, "pipelines": []}
    api.answers["/overview"] = overview
    said = look(size=size).wait("Not made good").text("#not-made-good")
    assert ("Without a slot: partner_import partner=hooli 21 runs, none completed since 02:04, called 1 run, none completed "
            "since 02:04, daily_sales partner=acme") in said
    overview["not_made_good"] = sample("overview")["not_made_good"]
    said = look(size=size).wait("Not made good").text("#not-made-good")
    assert said.count("daily_sales") == 1, "its slots say it"


def test_without_a_channel_now_says_that_nobody_is_told(look, api):
    api.answers["/overview"] = {**sample("overview"), "channel_count": 0}
    reader = look().wait("Nobody is told: the rules name no channel.")
    reader.page.get_by_role("link", name="rules name no channel").click()
    reader.page.wait_for_url("**/pipe*")
    api.answers["/overview"] = sample("overview")
    assert "Nobody is told" not in look().wait("Last end").text()


def test_all_made_good_is_not_mentioned(look, api):
    api.answers |= {"/problems": sample("problems_none"), "/overview": sample("overview_fine")}
    assert "made good" not in look().wait("Nothing needs you.").text()
