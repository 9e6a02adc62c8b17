"""Everything that a reader chose is in the address: reload, Back and a link sent to somebody show the same."""
from stand_ins.page_api import refusal, sample


def queries(api, path):
    return [query for _, asked, query, _ in api.asked if asked == path]


def test_a_tile_filters_and_survives_reload_and_back(look):
    reader = look().wait("daily_sales")
    reader.page.get_by_role("link", name="1 did not start").click()
    reader.gone("daily_sales", "#problems")
    assert reader.page.url.endswith("/?kind=not_started")
    assert "hourly_orders" in reader.text("#problems")
    reader.page.reload()
    reader.wait("hourly_orders", "#problems").gone("daily_sales", "#problems")
    reader.page.go_back()
    reader.wait("daily_sales", "#problems")
    reader.page.go_forward()
    reader.gone("daily_sales", "#problems")
    reader.page.get_by_role("link", name="no longer only kind").click()
    reader.wait("daily_sales", "#problems")


def test_every_tile_is_as_long_as_the_list_behind_it(look):
    counts = {each["kind"]: each["open"] for each in sample("overview")["counts"]}
    for kind in ("failing", "not_started", "too_long", "not_done"):
        reader = look(f"/?kind={kind}")
        reader.page.wait_for_selector(".tiles")
        assert reader.page.locator("#problems article").count() == counts[kind], kind


def test_drilling_down_and_back(look):
    reader = look().wait("daily_sales")
    reader.page.locator("#problems").get_by_role("link", name="daily_sales").click()
    reader.wait("Failing for partner=acme since")
    assert reader.page.url.endswith("/pipelines/mage%3Adaily_sales")
    reader.page.locator("#runs").get_by_role("link", name="812").click()
    reader.wait("Against the last success")
    reader.page.go_back()
    reader.wait("Failures by cause")
    reader.page.go_back()
    reader.wait("3 in a row", "#problems")


def test_a_view_never_shows_another_things_rows(look, api):
    reader = look("/pipelines/mage:daily_sales").wait("Failing for partner=acme since")
    api.answers["/runs/mage:812"] = refusal(503, "busy")
    reader.page.locator("#runs").get_by_role("link", name="812").click()
    reader.gone("Failing for partner=acme since")
    assert "daily_sales" not in reader.text()


def test_searching_asks_the_server_once_typing_pauses(look, api):
    reader = look().wait("daily_sales")
    # In one go: a slow machine pauses between keys.
    reader.page.locator("#search").focus()
    reader.page.evaluate("""for (const text of ["s", "st", "sto"]) {
        const search = document.getElementById("search");
        search.value = text;
        search.dispatchEvent(new Event("input", { bubbles: true }));
    }""")
    reader.wait("pipelines of these")
    assert reader.page.url.endswith("/pipelines?text=sto")
    assert reader.page.evaluate("document.activeElement.id") == "search"
    assert queries(api, "/pipelines")[0]["text"] == "sto"
    reader.page.locator("#search").press_sequentially("ck", delay=20)
    reader.page.wait_for_url("**/pipelines?text=stock")
    reader.page.go_back()
    reader.wait("3 in a row", "#problems")
    assert reader.page.locator("#search").input_value() == ""


def test_filters_of_pipelines_are_the_apis(look, api):
    filters = {"state": "failing", "sort": "name", "label.partner": "acme", "team": "finance"}
    reader = look("/pipelines?" + "&".join(f"{name}={value}" for name, value in filters.items()) + "&tz=UTC")
    reader.wait("pipelines of these")
    assert queries(api, "/pipelines")[0] == filters
    reader.page.locator("[data-name=state]").select_option("paused")
    reader.page.wait_for_url("**state=paused**")
    assert "label.partner=acme" in reader.page.url


def test_a_space_and_a_plus_reach_the_api_as_they_are(look, api):
    reader = look().wait("daily_sales")
    reader.page.locator("#search").fill("a b+c&d=%e")
    reader.wait("pipelines of these")
    assert queries(api, "/pipelines")[0]["text"] == "a b+c&d=%e"
    assert reader.page.locator("#search").input_value() == "a b+c&d=%e"
    reader.page.reload()
    reader.wait("pipelines of these")
    assert reader.page.locator("#search").input_value() == "a b+c&d=%e"


def test_more_problems_than_one_list_holds_are_filtered_by_the_server(look, api):
    overview = sample("overview")
    overview["counts"][0]["open"] = 500
    api.answers["/overview"] = overview
    reader = look("/?kind=not_started").wait("hourly_orders")
    reader.page.wait_for_timeout(1_500)
    assert queries(api, "/problems")[-1]["kind"] == "not_started"


def test_choices_of_the_head_go_along_and_others_do_not(look):
    reader = look("/?team=finance&kind=failing&tz=UTC").wait("daily_sales")
    reader.page.get_by_role("link", name="Pipelines", exact=True).click()
    reader.wait("142 pipelines")
    assert reader.page.url.endswith("/pipelines?team=finance&tz=UTC")


def test_an_unknown_filter_is_said_and_not_applied(look, api):
    reader = look("/?kimd=failing").wait('"kimd" in the address')
    assert "it was not applied" in reader.text("#notices")
    assert all("kimd" not in query for query in queries(api, "/problems"))


def test_a_value_that_the_api_refuses_is_shown_with_what_is_allowed(look, api):
    api.answers["/pipelines"] = refusal(400, "bad-value", "'failling' is no state", parameter="state",
                                        allowed=["failing", "fine"])
    reader = look("/pipelines?state=failling").wait("'failling' is no state")
    assert "Allowed: failing, fine." in reader.text()


def test_pages_follow_the_token_and_an_old_token_begins_anew(look, api):
    reader = look("/pipelines").wait("Next page")
    reader.page.get_by_role("link", name="Next page").click()
    reader.wait("First page")
    assert queries(api, "/pipelines")[-1]["page_token"] == sample("pipelines")["next_page_token"]
    api.answers["/pipelines"] = lambda query: (
        refusal(410, "page-token-expired") if "page_token" in query else sample("pipelines"))
    reader.page.wait_for_url("**/pipelines")
    reader.gone("First page").wait("142 pipelines")


def test_a_view_asks_two_questions_at_most(look):
    for path in ("/", "/pipelines", "/pipelines/mage:daily_sales", "/runs/mage:812", "/pipe"):
        reader = look(path)
        reader.page.wait_for_selector("main h1", state="attached")
        asked = {url.partition("/api/v1")[2].partition("?")[0] for url in reader.asked if "/api/v1" in url}
        beside = set() if path == "/" else {"/overview"}  # what the head tells, once a minute
        assert 1 <= len(asked - beside) <= 2, (path, asked)


def test_a_first_look_costs_two_requests_beside_the_html(look):
    reader = look().wait("daily_sales")
    files = [url for url in reader.asked if "/api/v1" not in url and not url.endswith(".svg")]
    assert len(files) == 3, files


def test_the_place_scrolled_to_comes_back(look):
    reader = look("/pipelines/mage:daily_sales").wait("Rules that apply")
    reader.page.locator("#runs").get_by_role("link", name="812").scroll_into_view_if_needed()
    assert (place := reader.page.evaluate("scrollY")) > 300
    reader.page.locator("#runs").get_by_role("link", name="812").click()
    reader.wait("Against the last success")
    assert reader.page.evaluate("scrollY") == 0
    reader.page.go_back()
    reader.wait("Rules that apply")
    reader.page.wait_for_function("place => Math.abs(scrollY - place) < 50", arg=place)
