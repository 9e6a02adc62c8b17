"""For who does not see it, has no mouse, or sees no red."""
import pytest
from axe_playwright_python.sync_playwright import Axe

from harness.browser import DESK, PHONE
from stand_ins.page_api import sample

VIEWS = {"now": "/", "pipelines": "/pipelines", "pipeline": "/pipelines/mage:daily_sales", "run": "/runs/mage:812",
         "pipe": "/pipe", "docs": "/docs"}


def violations(reader):
    return [(each["id"], [node["html"][:200] for node in each["nodes"][:3]], each["nodes"][0]["failureSummary"][:300])
            for each in Axe().run(reader.page).response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", VIEWS.values(), ids=VIEWS.keys())
def test_axe_finds_nothing(look, path, scheme):
    reader = look(path, color_scheme=scheme)
    reader.page.wait_for_selector("main h1", state="attached")
    reader.page.wait_for_timeout(700)
    assert violations(reader) == []


@pytest.mark.parametrize("state", ["overview_fine", "overview_nothing_heard", "overview_no_run", "overview_behind"])
def test_axe_finds_nothing_in_the_other_states(look, api, state):
    api.answers |= {"/overview": sample(state), "/problems": sample("problems_none")}
    reader = look(size=PHONE)
    reader.page.wait_for_selector("main h1", state="attached")
    reader.page.wait_for_timeout(700)
    assert violations(reader) == []


def test_axe_finds_nothing_in_the_dialogs(look):
    reader = look().wait("daily_sales")
    reader.page.locator("[data-act=mute]").first.click()
    assert violations(reader) == []
    reader.page.keyboard.press("Escape")
    reader.page.keyboard.press("?")
    assert violations(reader) == []


def test_from_the_first_problem_to_its_run_by_keys_alone(look):
    reader = look("/").wait("daily_sales")
    keys = reader.page.keyboard
    keys.press("j")
    assert reader.page.evaluate("document.activeElement.textContent") == "daily_sales"
    keys.press("j")
    keys.press("j")
    keys.press("k")
    keys.press("k")
    keys.press("k")
    assert reader.page.evaluate("document.activeElement.textContent") == "daily_sales", "k ends at the first row"
    keys.press("Enter")
    reader.wait("Failing for partner=acme since")
    reader.page.locator("#runs a[data-main]").nth(1).focus()
    keys.press("Enter")
    reader.wait("Against the last success")


def test_the_focus_is_seen(look):
    reader = look().wait("daily_sales")
    reader.page.keyboard.press("j")
    assert reader.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_searching_by_keys_alone(look):
    reader = look().wait("daily_sales")
    reader.page.keyboard.press("/")
    reader.page.keyboard.type("jk?/1")
    assert reader.page.locator("#search").input_value() == "jk?/1", "in a field a key is a letter"
    reader.page.wait_for_url("**/pipelines?text=*")
    reader.page.keyboard.press("Escape")
    assert reader.page.evaluate("document.activeElement.id") != "search"
    reader.page.keyboard.press("1")
    reader.wait("3 in a row", "#problems")


def test_the_list_of_keys(look):
    reader = look().wait("daily_sales")
    reader.page.keyboard.press("?")
    assert reader.page.locator("#keys").is_visible()
    reader.page.keyboard.press("Escape")
    assert not reader.page.locator("#keys").is_visible()


def test_single_keys_can_be_turned_off(look):
    reader = look().wait("daily_sales")
    reader.page.keyboard.press("?")
    reader.page.get_by_label("Single keys do something").uncheck()
    reader.page.keyboard.press("Escape")
    reader.page.keyboard.press("2")
    reader.page.wait_for_timeout(300)
    assert reader.page.url.endswith("/")


def test_keys_with_control_are_the_browsers(look):
    reader = look().wait("daily_sales")
    reader.page.keyboard.press("Control+j")
    assert reader.page.evaluate("document.activeElement === document.body")


def test_states_are_told_by_shape_and_word(look):
    reader = look("/pipelines").wait("daily_sales")
    assert reader.page.locator("tbody tr").first.locator(".word").inner_text().strip().startswith("✕")
    bars = reader.page.locator("tbody tr").first.locator("svg.bars")
    assert bars.get_attribute("aria-label") == "last 20 ends: 17 completed, then 3 failed"
    assert bars.locator(".cross").count() == 3


def test_a_changed_count_is_announced(look, api):
    reader = look().wait("daily_sales")
    api.answers["/problems"] = {**sample("problems"), "total": 9}
    reader.page.wait_for_function("() => document.querySelector('#said').textContent.includes('9 problems')")


def test_the_theme_follows_the_system_until_one_is_chosen(look):
    def ground(reader):
        return reader.page.evaluate("getComputedStyle(document.body).backgroundColor")
    light, dark = "rgb(255, 255, 255)", "rgb(20, 23, 27)"
    reader = look(color_scheme="dark").wait("daily_sales")
    assert ground(reader) == dark
    reader.page.locator("#theme").select_option("light")
    assert ground(reader) == light
    reader.page.reload()
    reader.wait("daily_sales")
    assert ground(reader) == light
    reader.page.locator("#theme").select_option("")
    assert ground(reader) == dark


def test_without_script_the_page_says_so(browser, api):
    context = browser.new_context(viewport=DESK, java_script_enabled=False)
    page = context.new_page()
    page.goto(api.url)
    assert "needs JavaScript" in page.locator("main").inner_text()
    context.close()
