"""What each view says, at both sizes, and in every state that has no rows."""
import pytest

from harness import openapi
from harness.browser import DESK, PHONE
from stand_ins.page_api import sample

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


@SIZES
def test_now_answers_five_questions_without_scrolling(look, size):
    reader = look("/", size=size).wait("daily_sales")
    assert reader.text("#truth") == "live, as of 07:12:41" and reader.visible("#truth")
    assert "Lisbon (UTC+0)" in reader.page.locator("#tz option:checked").inner_text() and reader.visible("#tz")
    assert reader.texts(".tiles.four a") == ["2 failing", "1 did not start", "1 too long", "0 not done"]
    assert "1 muted" in reader.texts(".tiles.more a")
    rows = reader.page.locator("#problems article")
    first = " ".join(rows.first.inner_text().split())
    assert "FAILING daily_sales partner=acme" in first
    assert "3 in a row since 02:04 (5 h 8 min)" in first
    assert "at block load_sales, the same each time" in first
    assert "told #data-finance 02:05, not told: oncall" in first
    for number in range(3):
        box = rows.nth(number).bounding_box()
        assert box["y"] + box["height"] <= size["height"], f"row {number} ends below the fold"
    assert rows.first.get_by_role("link", name="Run in Mage").get_attribute("href") == \
        "https://mage.example.com/pipelines/daily_sales/runs/812"
    assert reader.sideways() <= 0


@SIZES
@pytest.mark.parametrize("path", ["/", "/pipelines", "/pipelines/mage:daily_sales", "/runs/mage:812", "/pipe", "/docs"])
def test_no_view_is_wider_than_its_screen(look, path, size):
    reader = look(path, size=size)
    reader.page.wait_for_selector("main h1")
    reader.page.wait_for_timeout(300)
    assert reader.sideways() <= 0


def test_a_finger_hits_what_is_pressed_on_a_phone(look):
    reader = look("/", size=PHONE).wait("daily_sales")
    pressed = "main button:visible, main a.button:visible, .tiles.four a:visible, .menu-button"
    for button in reader.page.locator(pressed).all():
        assert button.bounding_box()["height"] >= 44, button.inner_text()


def test_the_menu_of_a_phone_holds_views_team_and_search(look):
    reader = look("/", size=PHONE).wait("daily_sales")
    assert not reader.page.locator("nav").is_visible()
    reader.page.get_by_role("button", name="Menu").click()
    assert reader.page.locator("#search").is_visible() and reader.page.locator("#team").is_visible()
    reader.page.get_by_role("link", name="Pipelines", exact=True).click()
    reader.wait("142 pipelines")
    assert not reader.page.locator("nav").is_visible()


def test_muted_problems_stand_below_a_line_with_who_and_why(look):
    reader = look().wait("vendor_feed")
    muted = reader.text("section.below")
    assert "until 09:00, ana@example.com: vendor is down" in muted
    assert reader.page.locator("section.below").get_by_role("button", name="Unmute").count() == 1


def test_zeros_are_shown_grey(look):
    reader = look().wait("not done")
    assert "zero" in reader.page.locator(".tiles.four a", has_text="not done").get_attribute("class")


def test_nothing_needs_you(look, api):
    api.answers |= {"/problems": sample("problems_none"), "/overview": sample("overview_fine")}
    reader = look().wait("Nothing needs you.")
    assert "2 pipelines; the last problem ended 06:20." in reader.text()
    assert reader.page.locator(".tiles.four").count() == 0, "with so few pipelines each is a card"
    assert reader.page.locator("article.card").count() == 2
    assert reader.page.title() == "Nothing needs you - walpulse"


def test_no_connector_was_ever_heard(look, api):
    api.answers |= {"/problems": sample("problems_none"), "/overview": sample("overview_nothing_heard")}
    reader = look().wait("No connector has reported yet.")
    assert "walpulse-connector doctor --to pubsub://p/" in reader.text()
    assert "listening on projects/p/subscriptions/walpulse since 07:02, 0 messages" in reader.text()


def test_a_monitor_that_takes_pushes_names_its_own_address(look, api):
    overview = sample("overview_nothing_heard")
    overview["monitor"]["listens_on"] = None
    api.answers |= {"/problems": sample("problems_none"), "/overview": overview}
    look().wait(f"walpulse-connector run --to {api.url}/push")


def test_a_connector_and_no_run(look, api):
    overview = sample("overview_no_run")
    api.answers |= {"/problems": sample("problems_none"), "/overview": overview}
    reader = look().wait("Reading: 41,200 rows so far.")
    assert "12 triggers known, first slot due 07:15" in reader.text()
    overview["sources"][0]["snapshot"] = None
    reader.wait("walpulse-connector snapshot --to")


def test_what_was_so_when_walpulse_came_is_one_closed_group(look, api):
    problems = sample("problems")
    first = problems["items"][0]
    problems["items"] = [{**first, "id": f"mage:{number}", "at_first": True} for number in range(7)]
    api.answers["/problems"] = problems
    reader = look().wait("7 problems were there already when walpulse came")
    assert reader.page.locator("#problems article:visible").count() == 0


def together(count, seconds=10):
    problems = sample("problems")
    first = problems["items"][0]

    def one(number):
        name = f"crm_{number:03}"
        minute, second = divmod(3 * 60 + number * seconds % 500, 60)
        return {**first, "id": f"mage:{number}", "subject": name, "labels": {}, "team": ["ingest", "finance"][number % 2],
                "since": f"2026-11-28T02:{minute:02}:{second:02}.000000Z",
                "pipeline": {**first["pipeline"], "id": f"mage:{name}", "name": name}}
    problems["items"] = [one(number) for number in range(count)]
    problems["total"] = count
    return problems


def test_many_failures_of_one_cause_are_one_row_that_opens_in_place(look, api):
    api.answers["/problems"] = together(12)
    reader = look().wait("12 pipelines failing")
    assert "12 pipelines failing since 02:03, all at block load_sales" in reader.text("#problems summary")
    assert "ingest 6, finance 6" in reader.text("#problems summary")
    assert reader.page.locator("#problems article:visible").count() == 0
    reader.page.locator("#problems summary").click()
    assert reader.page.locator("#problems article:visible").count() == 12
    asked = len(api.asked)
    reader.page.wait_for_timeout(2_500)
    assert len(api.asked) > asked
    assert reader.page.locator("#problems article:visible").count() == 12, "an answer closes nothing"


def test_another_hour_is_another_group(look, api):
    problems = together(6)
    for problem in problems["items"][:3]:
        problem["since"] = problem["since"].replace("T02", "T05")
    api.answers["/problems"] = problems
    look().wait("3 pipelines failing since 02:03").wait("3 pipelines failing since 05:03")


def test_what_a_problem_explains_hangs_under_it(look, api):
    problems = sample("problems")
    scheduler = {**problems["items"][1], "id": "mage:1", "kind": "scheduler", "title": "Mage's scheduler starts nothing",
                 "evidence": {"due": "41", "missing": "38"}, "pipeline": None, "subject": "mage"}
    late = [{**problems["items"][2], "id": f"mage:{number}", "under": "mage:1"} for number in range(2, 40)]
    api.answers["/problems"] = {**problems, "items": [*late[:5], scheduler, *late[5:]]}
    reader = look().wait("38 of 41 due runs are missing")
    assert "38 problems that this explains" in reader.text("#problems")
    assert reader.page.locator("#problems article:visible").count() == 1


def test_a_pipeline(look):
    reader = look("/pipelines/mage:daily_sales").wait("Failing for partner=acme since")
    text = reader.text()
    assert "Failing for partner=acme since 02:04: 3 in a row, all at block load_sales." in text
    assert "nightly, 0 2 * * * UTC = 02:00 Lisbon, next tomorrow 02:00" in text
    assert "paused in Mage" in text
    assert "18 of 21" in text and "of all that ended in 7 d" in text
    assert "Not made good 26 Nov 02:00, 19 Nov 02:00." in text
    assert "By label: 1 of 2 groups failing" in text
    assert "done_by Mon-Fri 07:00 finance.toml:3" in text
    assert reader.page.locator("section:has(> h2:text('Last 50 ends')) svg a").count() == 50
    assert reader.page.title().startswith("daily_sales: failing")


def test_the_chart_has_the_same_as_a_table(look):
    reader = look("/pipelines/mage:daily_sales").wait("Durations, 30 days")
    reader.page.wait_for_selector("#trend canvas")
    reader.page.get_by_text("The same as a table").click()
    rows = reader.page.locator("details table tbody tr")
    assert rows.count() == 28 and "2026-11-28" in rows.first.inner_text()
    reader.page.wait_for_timeout(2_500)
    assert reader.page.locator("#trend canvas").count() == 1, "an answer leaves the chart where it is"


def test_a_run_and_what_differs_from_the_last_success(look):
    reader = look("/runs/mage:812").wait("Against the last success")
    text = reader.text()
    assert "FAILED at block load_sales after 4 min 12 s, 02:00:05-02:04:17, trigger nightly, partner=acme." in text
    assert "Against the last success (799 yesterday 02:11)" in text
    assert "block load_sales FAILED COMPLETED" in text
    assert "block extract_sales" not in text, "what is the same is left out"
    assert not reader.page.locator("th", has_text="LSN").is_visible(), "positions are folded away"


def test_what_a_running_run_has_not_done_yet_is_no_difference(look, api):
    answer = sample("run")
    answer["run"] |= {"active": True, "status": "RUNNING", "ended_at": None, "seconds": None}
    answer["blocks"][-1] |= {"status": "RUNNING", "ended_at": None, "seconds": None}
    api.answers["/runs/mage:812"] = answer
    reader = look("/runs/mage:812").wait("Against the last success")
    assert "Nothing that walpulse sees is different." in reader.text()


def test_an_abandoned_run_shows_the_remedy(look, api):
    api.answers["/runs/mage:790"] = sample("run_abandoned")
    reader = look("/runs/mage:790").wait("Mage never ends it")
    assert "PUT" in reader.text("pre")


def test_a_deleted_run_is_kept_and_leads_nowhere(look, api):
    answer = sample("run")
    answer["run"] |= {"deleted": True, "mage_url": None, "mage_logs_url": None}
    answer["problems"] = []
    api.answers["/runs/mage:812"] = answer
    reader = look("/runs/mage:812").wait("Deleted in Mage: kept here.")
    assert reader.page.locator("a[href^='https://mage']").count() == 0


def test_blocks_that_are_not_captured_are_said_to_be(look, api):
    api.answers["/runs/mage:812"] = {**sample("run"), "blocks": None}
    look("/runs/mage:812").wait("Blocks are not captured")


def test_the_pipe(look):
    reader = look("/pipe").wait("streaming, heartbeat 07:12:42")
    text = reader.text()
    assert "leads this instance" in text and "41,200 published" in text
    assert "/etc/walpulse/rules.toml" in text


def test_a_blind_source_says_so(look, api):
    api.answers["/sources"] = sample("sources_blind")
    look("/pipe").wait("walpulse cannot see it")


def test_the_docs_give_a_command_to_copy_for_every_question(look, api):
    reader = look("/docs").wait("Questions")
    paths = openapi.DOCUMENT["paths"]
    count = sum(method in ("get", "post", "delete") for methods in paths.values() for method in methods)
    assert reader.page.locator("details.operation pre").count() == count
    reader.page.get_by_text("GET /runs", exact=True).click()
    assert f"curl -fsS '{api.url}/api/v1/runs'" in reader.page.locator("#listRuns pre").inner_text()


def test_an_errors_type_leads_to_its_sentence(look):
    reader = look("/docs#page-token-expired").wait("Questions")
    assert reader.visible("#page-token-expired")


def test_what_is_not_there_is_said_with_its_reason(look):
    look("/pipelines/mage:nowhere").wait("there is no /pipelines/mage:nowhere")
