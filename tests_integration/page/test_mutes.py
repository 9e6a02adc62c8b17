"""Muting from the page: what is sent, and what is said when it is refused."""
from harness.browser import PHONE
from stand_ins.page_api import refusal, sample

MUTED = (201, sample("mutes")["items"][0])


def muting(api, answer=MUTED):
    api.answers["/mutes"] = answer
    return lambda: [body for method, path, _, body in api.asked if (method, path) == ("POST", "/mutes")]


def fill(reader, reason="vendor is down", long="4h"):
    form = reader.page.locator("#mute")
    form.get_by_label("How long").select_option(long)
    form.get_by_label("Why").fill(reason)
    form.get_by_role("button", name="Mute", exact=True).click()


def test_a_problem_is_muted_with_a_reason(look, api):
    sent = muting(api)
    reader = look("/", size=PHONE).wait("daily_sales")
    reader.page.locator("[data-act=mute]").first.click()
    assert "daily_sales partner=acme" in reader.text("#mute h2")
    fill(reader)
    reader.page.wait_for_selector("#mute", state="hidden")
    assert sent() == [{"problem": "mage:42", "for": "4h", "reason": "vendor is down"}]


def test_a_pipeline_is_muted_until_it_is_over(look, api):
    sent = muting(api)
    reader = look().wait("daily_sales")
    reader.page.locator("[data-act=mute]").first.click()
    reader.page.get_by_label("What").select_option("pipeline")
    fill(reader, long="recovered")
    reader.page.wait_for_selector("#mute", state="hidden")
    assert sent() == [{"pipeline": "mage:daily_sales", "until": "recovered", "reason": "vendor is down"}]


def test_without_a_reason_nothing_is_sent(look, api):
    sent = muting(api)
    reader = look().wait("daily_sales")
    reader.page.locator("[data-act=mute]").first.click()
    fill(reader, reason="")
    assert reader.page.locator("#mute").is_visible() and sent() == []


def test_a_refusal_is_said_in_the_dialog_and_what_was_typed_stays(look, api):
    muting(api, refusal(403, "not-a-writer", "ana@example.com may read, not write", remedy="--writer grants it"))
    reader = look().wait("daily_sales")
    reader.page.locator("[data-act=mute]").first.click()
    fill(reader)
    reader.wait("ana@example.com may read, not write. --writer grants it", "#mute-error")
    assert reader.page.get_by_label("Why").input_value() == "vendor is down"


def test_unmuting(look, api):
    api.answers["/mutes/7"] = (204, None)
    problems = sample("problems")
    for each in problems["items"]:
        if each["mute"]:
            each["mute"]["id"] = "7"
    api.answers["/problems"] = problems
    reader = look().wait("vendor_feed")
    reader.page.get_by_role("button", name="Unmute").click()
    reader.page.wait_for_function("() => document.querySelector('#said').textContent === 'no longer muted'")
    assert ("DELETE", "/mutes/7") in [(method, path) for method, path, _, _ in api.asked]


def test_a_messages_link_opens_the_dialog_and_mutes_nothing(look, api):
    sent = muting(api)
    reader = look("/?mute=mage:42")
    reader.page.wait_for_selector("#mute", state="visible")
    assert sent() == []
    assert reader.page.url.endswith("/?problem=mage%3A42"), "a reload does not ask again"
    reader.page.keyboard.press("Escape")
    row = reader.page.locator("article[data-problem-row='mage:42']")
    assert row.get_attribute("aria-current") == "true"


def test_an_answer_leaves_the_dialog_alone(look, api):
    reader = look().wait("daily_sales")
    reader.page.locator("[data-act=mute]").first.click()
    reader.page.get_by_label("Why").fill("half a sen")
    problems = sample("problems")
    problems["items"] = problems["items"][1:]
    api.answers["/problems"] = problems
    reader.page.wait_for_function("() => !document.querySelector('#problems').textContent.includes('daily_sales')")
    assert reader.page.get_by_label("Why").input_value() == "half a sen"
