"""The page never shows what was as what is."""
import urllib.parse

from harness.browser import PHONE
from stand_ins.page_api import refusal, sample


def test_behind_is_a_band_with_the_instant_that_one_sees(look, api):
    api.answers |= {"/problems": {**sample("problems"), "as_of": "2026-11-28T07:00:12.000000Z", "behind_seconds": 720},
                    "/overview": sample("overview_behind")}
    reader = look().wait("12 min behind: you see Mage as of 07:00:12")
    assert "behind" in reader.page.locator("#head").get_attribute("class")
    assert "no instance leads: nothing is judged" in reader.text("#notices")
    assert "walpulse-monitor rules check" in reader.text("#notices"), "what mends it stands beside it"


def test_ages_are_of_the_instant_up_to_which_everything_is_known(look, api):
    api.answers["/problems"] = {**sample("problems"), "as_of": "2026-11-28T03:04:17.000000Z", "behind_seconds": 14_904}
    look().wait("3 in a row since 02:04 (1 h)")


def test_a_server_that_is_gone_is_seen_and_seen_to_be_back(look, api):
    reader = look().wait("live, as of 07:12:41", "#truth")
    down = api.answers.copy()
    reader.page.context.set_offline(True)
    reader.wait("no answer since", "#truth")
    assert "trying again" in reader.text("#truth")
    assert "daily_sales" in reader.text("#problems"), "what was known stays readable"
    assert float(reader.page.evaluate("getComputedStyle(document.querySelector('main')).opacity")) < 1
    assert "5 h 8 min" in reader.text("#problems"), "times stand still with what they are of"
    api.answers = down
    reader.page.context.set_offline(False)
    reader.wait("live, as of 07:12:41", "#truth")
    assert float(reader.page.evaluate("getComputedStyle(document.querySelector('main')).opacity")) == 1


def test_a_page_opened_while_nothing_answers_waits_and_then_shows(look, api):
    overview, api.answers["/overview"] = api.answers["/overview"], refusal(503, "ledger-away", "the ledger does not answer")
    reader = look().wait("The ledger does not answer yet.")
    assert "No connector" not in reader.text() and "Nothing needs you" not in reader.text()
    api.answers["/overview"] = overview
    reader.wait("daily_sales")


def test_the_ledgers_absence_is_said_with_since_when_and_why(look, api):
    reader = look().wait("daily_sales")
    api.answers |= {"/problems": (503, sample("error_ledger_away")), "/overview": (503, sample("error_ledger_away"))}
    reader.wait("The ledger has not answered since 07:02: server closed the connection. Capture goes on; nothing is lost.",
                "#notices")
    assert "daily_sales" in reader.text("#problems")


def test_signed_out_keeps_the_address(look, api):
    reader = look("/?kind=failing").wait("daily_sales")
    api.answers |= {"/problems": refusal(401, "sign-in"), "/overview": refusal(401, "sign-in")}
    reader.wait("signed out", "#truth")
    api.answers |= {"/problems": sample("problems"), "/overview": sample("overview")}
    reader.page.get_by_role("button", name="sign in").click()
    reader.wait("live, as of", "#truth").wait("daily_sales")
    assert reader.page.url.endswith("/?kind=failing")


def test_a_redirect_to_somebodys_sign_in_is_no_answer(look, api):
    reader = look().wait("daily_sales")
    reader.page.route("**/api/v1/**", lambda route: route.fulfill(
        status=302, headers={"Location": "https://accounts.example.com/signin"}))
    reader.wait("signed out", "#truth")


def test_who_may_not_read_is_told_what_to_ask_for(look, api):
    api.answers |= {"/problems": refusal(403, "not-a-reader", "ana@example.com may not read this",
                                         remedy="ask for roles/iap.httpsResourceAccessor"),
                    "/overview": refusal(403, "not-a-reader")}
    look().wait("you may not read this: ask for roles/iap.httpsResourceAccessor", "#truth")


def test_a_busy_server_is_asked_less_often(look, api):
    reader = look().wait("daily_sales")
    api.answers["/problems"] = refusal(503, "busy")
    reader.wait("more to answer than it can", "#notices")


def test_an_answer_that_is_not_json_is_no_answer(look, api):
    reader = look().wait("daily_sales")
    reader.page.route("**/api/v1/**", lambda route: route.fulfill(status=200, body="<html>proxy</html>"))
    reader.wait("no answer since", "#truth")


def test_a_page_that_nobody_looks_at_asks_nothing(look, api):
    reader = look().wait("daily_sales")
    reader.page.evaluate("""() => {
        Object.defineProperty(document, 'hidden', {value: true, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    reader.page.wait_for_timeout(1_500)
    asked = len(api.asked)
    reader.page.wait_for_timeout(2_500)
    assert len(api.asked) == asked
    reader.page.evaluate("""() => {
        Object.defineProperty(document, 'hidden', {value: false, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    reader.page.wait_for_timeout(1_500)
    assert len(api.asked) > asked


def test_a_page_older_than_its_monitor_says_so(look, api):
    reader = look().wait("daily_sales")
    overview = sample("overview")
    overview["monitor"]["version"] = "0.2.0"
    api.answers["/overview"] = overview
    reader.wait("This page is of another version of walpulse than what answers it", "#notices")


def test_what_changes_is_shown_without_touching_what_does_not(look, api):
    reader = look().wait("daily_sales")
    row = reader.page.locator("article[data-problem-row='mage:42']")
    row.evaluate("row => { row.mine = 'still here'; }")
    row.get_by_role("button", name="Mute").focus()
    problems = sample("problems")
    problems["items"][0]["failed_in_a_row"] = 4
    api.answers["/problems"] = problems
    reader.wait("4 in a row", "#problems")
    assert row.evaluate("row => row.mine") == "still here"
    assert reader.page.evaluate("document.activeElement.textContent") == "Mute"


def test_an_older_answer_never_overwrites_a_newer_view(look, api):
    """The first view's answer comes late, when another is looked at already."""
    reader = look("/pipelines").wait("142 pipelines")
    held = []
    reader.page.route("**/api/v1/pipelines?*", lambda route: held.append(route))
    reader.page.wait_for_timeout(1_500)
    reader.page.get_by_role("link", name="Pipe", exact=True).click()
    reader.wait("Connectors")
    for route in held:
        route.continue_()
    reader.page.wait_for_timeout(1_000)
    assert "142 pipelines," in reader.text() and "success 7 d" not in reader.text()


def test_a_phone_shows_trouble_in_words(look):
    reader = look("/", size=PHONE).wait("daily_sales")
    reader.page.context.set_offline(True)
    reader.wait("no answer since", "#truth")
    assert reader.visible("#truth")
    assert urllib.parse.urlsplit(reader.page.url).path == "/"
