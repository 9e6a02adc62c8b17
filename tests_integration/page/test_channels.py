"""Who was told, and whether it arrived: the channels of the Pipe, the retry, and the words at a problem."""
import copy

import pytest
from axe_playwright_python.sync_playwright import Axe

from harness.browser import DESK, PHONE
from stand_ins.hostile_names import NAMES, renamed
from stand_ins.page_api import refusal, sample

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
LOST = "#channels [data-act=retry]"


def channels(api, change):
    sources = sample("sources")
    change(sources["channels"])
    api.answers["/sources"] = sources


def retries(api):
    return [path for method, path, _, _ in api.asked if method == "POST"]


@SIZES
def test_each_channel_says_what_arrived_what_waits_and_what_was_given_up(look, size):
    reader = look("/pipe", size=size).wait("Given up: oncall")
    rows = reader.texts("#channels tbody tr")
    assert len(rows) == 4
    assert "data Slack" in rows[0] and "07:04" in rows[0] and "1 notice collected" in rows[0]
    assert "oncall PagerDuty" in rows[1] and "3 since 02:04" in rows[1] and "7" in rows[1]
    assert "HTTP 403: invalid routing key, tried again 07:20" in rows[1]
    assert "fin mail" in rows[2] and "nothing yet" in rows[2]
    assert "old_hook the rules name it no more" in rows[3]
    text = reader.text("#channels")
    assert "problem 38, given up 01:20 after 41 attempts: HTTP 403: invalid routing key" in text
    assert "and 5 more: walpulse-monitor deliveries list --state given_up --channel oncall" in text
    assert reader.sideways() <= 0
    if size == PHONE:
        assert all(button.bounding_box()["height"] >= 44 for button in reader.page.locator(LOST).all())


@SIZES
@pytest.mark.parametrize("path", [None, "/etc/walpulse/rules.toml"], ids=["no file", "a file"])
def test_without_a_channel_three_lines_bring_one(look, api, size, path):
    channels(api, lambda all_: all_.clear())
    api.answers["/rules"] = {**sample("rules"), "path": path}
    reader = look("/pipe", size=size).wait("The rules name no channel")
    pasted = reader.texts("#channels pre")
    assert pasted[0] == '[channel.data] type = "slack" url_file = "/etc/walpulse/slack"'
    assert "walpulse-monitor notify test data --rules /etc/walpulse/rules.toml" in pasted[1]
    assert ("serve --rules" in pasted[1]) == (path is None)
    assert "deploy/telling.md" in reader.text("#channels")
    assert reader.sideways() <= 0
    assert Axe().run(reader.page).response["violations"] == []


def test_what_no_rule_names_any_more_is_no_channel_that_tells(look, api):
    channels(api, lambda all_: all_.__delitem__(slice(0, 3)))
    reader = look("/pipe").wait("The rules name no channel")
    assert reader.texts("#channels tbody tr")[0].startswith("old_hook the rules name it no more")


def test_what_was_given_up_is_sent_again_and_is_gone(look, api):
    api.answers["/deliveries/81/retry"] = (202, None)
    reader = look("/pipe").wait("problem 38, given up")
    assert reader.page.locator(LOST).first.get_attribute("aria-label") == "Retry problem 38 to oncall"
    channels(api, lambda all_: all_[1].update(given_up=all_[1]["given_up"][1:], given_up_count=6))
    reader.page.locator(LOST).first.click()
    reader.page.wait_for_function("() => document.querySelector('#said').textContent === 'it is sent again'")
    assert retries(api) == ["/deliveries/81/retry"]
    reader.gone("problem 38, given up")
    assert reader.page.locator(LOST).count() == 1


@pytest.mark.parametrize("answer, said", [
    (refusal(403, "not-a-writer", "ana@example.com may read, not write", remedy="--writer grants it"),
     "ana@example.com may read, not write. --writer grants it"),
    (refusal(409, "not-given-up", "only a delivery that was given up is sent again"), "only a delivery that was given up"),
    (refusal(409, "outdated", "all that it tells of is over by now", remedy="walpulse-monitor deliveries drop 81"),
     "all that it tells of is over by now. walpulse-monitor deliveries drop 81"),
    (refusal(401, "sign-in"), "You are signed out: load the page anew, sign in, and retry again."),
])
def test_a_refused_retry_says_why_and_can_be_tried_again(look, api, answer, said):
    api.answers["/deliveries/81/retry"] = answer
    reader = look("/pipe").wait("problem 38, given up")
    reader.page.locator(LOST).first.click()
    reader.page.wait_for_function("said => document.querySelector('#said').textContent.startsWith(said)", arg=said)
    assert any(line.startswith(f"dialog: {said}") for line in reader.lines), reader.lines
    reader.lines.clear()
    assert reader.page.locator(LOST).first.is_enabled()


@SIZES
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_hostile_channels_are_text(look, api, name, size):
    def rename(all_):
        for each in all_:
            each["name"] = name
            for lost in each["given_up"]:
                lost |= {"channel": name, "of": name, "answer": name}
            if each["last_error"]:
                each["last_error"]["answer"] = name
    channels(api, rename)
    problems = renamed(copy.deepcopy(sample("pipeline")), name)
    for each in problems["problems"]:
        for place in each["told_to"]:
            place |= {"channel": name, "place": name}
    api.answers["/pipelines/mage:daily_sales"] = problems
    for path in ("/pipe", "/pipelines/mage:daily_sales"):
        reader = look(path, size=size)
        reader.page.wait_for_selector("#channels tbody tr, ul.told-lines li", state="attached")
        assert reader.page.locator("img, script:not([src]), iframe, style").count() == 0
        assert reader.sideways() <= 0, path


@SIZES
def test_a_row_says_who_was_told_and_who_was_not(look, size):
    reader = look("/", size=size).wait("daily_sales")
    told = reader.texts("#problems .told")
    assert told[0] == "told #data-finance 02:05, not told: oncall"
    assert "collected, next message 07:15" in told


def places(problem, *told):
    names = ["channel", "type", "place", "state", "sent_at", "due_at"]
    problem["told_to"] = [dict(zip(names, each)) for each in told]


AT = "2026-11-28T07:{}:00.000000Z"


@pytest.mark.parametrize("told, said", [
    ([("data", "slack", "#data", "sent", AT.format("01"), None), ("ops", "webhook", None, "sent", AT.format("02"), None)],
     "told #data and 1 more 07:01"),
    ([("data", "slack", "#data", "collected", AT.format("01"), AT.format("30"))], "told #data 07:01"),
    ([("data", "slack", "#data", "waiting", None, AT.format("20"))], "not delivered yet, tried again 07:20"),
    ([("data", "slack", "#data", "dropped", None, None)], "not told: #data"),
    ([("data", None, None, "not_told", None, None)], "over before it was told"),
    ([], "told in the log 02:04"),
], ids=["two", "repeated", "waiting", "dropped", "over", "log"])
def test_every_state_has_its_words(look, api, told, said):
    problems = sample("problems")
    places(problems["items"][0], *told)
    api.answers["/problems"] = problems
    look().wait(said, "#problems .told")


def test_what_is_recorded_is_told_to_nobody(look, api):
    problems = sample("problems")
    problems["items"][0] |= {"severity": "record", "told_to": []}
    api.answers["/problems"] = problems
    look().wait("recorded: nobody is told", "#problems .told")


@pytest.mark.parametrize("path, answer", [("/pipelines/mage:daily_sales", "pipeline"), ("/runs/mage:812", "run")])
def test_a_pipeline_and_a_run_say_it_place_by_place(look, api, path, answer):
    reader = look(path).wait("Slack #data-finance: told 02:05")
    assert "PagerDuty oncall: not told: given up Channels" in reader.text()
    given = sample(answer)
    given["problems"][0] |= {"mute": sample("problems")["items"][-1]["mute"], "state": "muted", "told_to": []}
    api.answers[path] = given
    reader.wait("not told: muted")
