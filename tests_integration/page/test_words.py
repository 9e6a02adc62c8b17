"""What a reader asked of the page and did not find: each once."""
from harness.browser import PHONE
from stand_ins.page_api import sample


def problems_with(**changes):
    problems = sample("problems")
    problems["items"] = [{**problems["items"][0], **changes}]
    problems["total"] = 1
    return problems


def of_kind(kind, **evidence):
    problems = sample("problems")
    one = next(each for each in problems["items"] if each["kind"] == "too_long")
    return {**problems, "items": [{**one, "kind": kind, "evidence": {"run": "790", **evidence}}]}


def test_a_run_that_takes_too_long_says_its_limit_and_whose_it_is(look, api):
    reader = look().wait("limit 6 h by finance.toml:3, usual")
    api.answers["/problems"] = of_kind("too_long", limit="90m")
    reader.wait("limit 90 min, usual")
    api.answers["/problems"] = of_kind("too_long")
    reader.gone("limit")
    api.answers["/problems"] = of_kind("waiting", limit="15m")
    reader.wait("and Mage has not begun it, limit 15 min")


def test_the_same_cause_as_yesterday(look, api):
    api.answers["/problems"] = problems_with(same_cause_since="2026-11-26T02:04:00Z")
    reader = look().wait("at block load_sales, the same each time, as it did 26 Nov 02:04 already")
    api.answers["/problems"] = problems_with(same_cause=None, same_cause_since="2026-11-27T02:04:00Z")
    reader.wait("at block load_sales, as it did yesterday 02:04 already")
    api.answers["/problems"] = problems_with(same_cause=False, same_cause_since="2026-11-28T05:04:00Z")
    reader.wait("at block load_sales, another than before: this one since 05:04")
    api.answers["/problems"] = problems_with(same_cause_since=None)
    reader.gone("already")


def test_failures_by_cause_name_the_days(look, api):
    reader = look("/pipelines/mage:daily_sales").wait("Failures by cause")
    said = reader.text("section:has(> h2:text('Failures by cause'))")
    assert "28 Nov 2 times, 26 Nov once" in said
    pipeline = sample("pipeline")
    pipeline["failures"]["causes"][0]["at"] = [f"2026-11-{day:02}T02:00:00Z" for day in range(27, 12, -1)]
    api.answers["/pipelines/mage:daily_sales"] = pipeline
    reader.wait("21 Nov once, and on 8 days before")


def test_a_day_is_the_readers(look, api):
    pipeline = sample("pipeline")
    pipeline["failures"]["causes"][0]["at"] = ["2026-11-28T02:04:17Z", "2026-11-28T01:34:17Z"]
    api.answers["/pipelines/mage:daily_sales"] = pipeline
    look("/pipelines/mage:daily_sales", zone="America/New_York").wait("27 Nov 2 times")


def test_a_team_narrows_all_of_now(look, api):
    overview = sample("overview")

    def of_team(query):
        if query.get("team") != "finance":
            return overview
        counts = [{**each, "open": 0, "muted": 0} for each in overview["counts"]]
        return {**overview, "counts": counts, "muted_count": 0, "pipelines": {"total": 12, "fine": 12}, "going_on": [],
                "going_on_count": 0, "due": [], "due_count": 0, "back_to_normal": []}

    api.answers["/overview"] = of_team
    api.answers["/problems"] = lambda query: sample("problems_none" if query.get("team") else "problems")
    reader = look().wait("daily_sales")
    reader.page.locator("#team").select_option("finance")
    reader.wait("Nothing needs you.").wait("12 pipelines of finance;").wait("No run goes on.").wait("Nothing is due.")
    assert reader.texts(".tiles.four a") == ["0 failing", "0 did not start", "0 too long", "0 not done"]
    assert reader.page.locator("#team option").all_inner_texts() == ["all teams", "finance", "no team"]
    reader.page.locator("#team").select_option("")
    reader.wait("daily_sales").wait("142 pipelines,")


def first_start(count, few):
    problems = sample("problems")
    problems["items"] = [{**problems["items"][0], "id": f"mage:{number}", "at_first": True} for number in range(count)]
    overview = {**sample("overview"), "few_pipelines": sample("overview_fine")["few_pipelines"] if few else []}
    return {"/problems": problems, "/overview": overview}


def test_a_first_start_names_what_the_group_is_of_and_counts_it(look, api):
    for size in ({}, {"size": PHONE}):
        for few in (True, False):
            api.answers |= first_start(7, few)
            reader = look(**size).wait("7 problems were there already when walpulse came")
            assert reader.page.get_by_role("heading", name="Open problems").is_visible()
            assert reader.page.locator(".tiles.four").is_visible()


def test_m_mutes_the_row_that_is_gone_to_and_no_row_within_it(look, api):
    api.answers |= first_start(7, False)
    reader = look().wait("7 problems were there already")
    reader.page.keyboard.press("j")
    assert reader.page.evaluate("document.activeElement.tagName") == "SUMMARY"
    reader.page.keyboard.press("m")
    reader.page.wait_for_timeout(300)
    assert reader.page.locator("dialog[open]").count() == 0
    reader.page.keyboard.press("Enter")
    reader.page.keyboard.press("j")
    reader.page.keyboard.press("m")
    reader.page.wait_for_selector("dialog[open]")


def test_what_is_more_than_fits_leads_to_all_of_it(look, api):
    overview = sample("overview")
    overview |= {"due_count": 5, "going_on_count": 3}
    api.answers["/overview"] = overview
    reader = look().wait("and 3 more triggers")
    reader.page.get_by_role("link", name="and 3 more triggers").click()
    reader.wait("142 pipelines")
    assert reader.page.url.endswith("/pipelines?sort=due")
    assert reader.page.locator("[data-name=sort]").input_value() == "due"
    reader.page.go_back()
    reader.page.get_by_role("link", name="and 2 more runs").click()
    reader.page.wait_for_url("**/pipelines?has=running")


def test_a_trigger_is_called_one_once(look, api):
    problems = sample("problems")
    late = next(each for each in problems["items"] if each["kind"] == "not_started")
    late["trigger"]["name"] = "hourly_orders trigger"
    overview = sample("overview")
    overview["due"][0]["trigger"]["name"] = "Hourly Trigger"
    api.answers |= {"/problems": problems, "/overview": overview}
    reader = look().wait("hourly_orders trigger is active and made no run").wait("trigger morning")
    assert "trigger hourly_orders trigger" not in reader.text()
    assert "trigger Hourly Trigger" not in reader.text() and "Hourly Trigger" in reader.text()


def test_what_is_usual_is_said_in_one_way(look, api):
    said = "12 min, nine of ten below 18 min"
    api.answers["/pipelines"] = sample("pipelines")
    assert f"usual {said}" in look().wait("Going on").text()
    assert said in look("/pipelines").wait("nine of ten").text()
    assert f"usual {said}" in look("/runs/mage:812").wait("Against").text()


def test_a_phones_row_keeps_the_last_success_and_the_next_run(look):
    reader = look(size=PHONE).wait("last success yesterday 02:11, next run tomorrow 02:00", "#problems")
    assert reader.page.locator("#problems .next").first.is_visible()


def test_the_chart_names_a_day_once_and_its_legend_has_values(look, api):
    for days in (2, 3, 28):
        pipeline = sample("pipeline")
        pipeline["trend"] = pipeline["trend"][-days:]
        api.answers["/pipelines/mage:daily_sales"] = pipeline
        reader = look("/pipelines/mage:daily_sales").wait("Durations, 30 days")
        reader.page.wait_for_selector("#trend canvas")
        # What is drawn is no text: the page is asked for its ticks by the formatter that draws them.
        reader.page.wait_for_function("document.querySelector('#trend .u-legend')?.innerText.includes('2026-11-28')")
        values = reader.texts("#trend .u-legend .u-value")
        assert "--" not in values and len(values) == 3, values


def test_a_rules_file_is_named_without_its_folder(look, api):
    api.answers["/problems"] = of_kind("too_long", limit="6h", rule="/etc/walpulse/team/finance.toml:3")
    assert "/etc" not in look().wait("limit 6 h by finance.toml:3, usual").text("#problems")


def test_whose_a_problem_is_is_not_whom_it_was_told_to(look, api):
    api.answers["/problems"] = problems_with(team="finance", owner="ana@example.com", told_to=[], at_first=True)
    said = look().wait("daily_sales").text("#problems")
    assert "team finance, owner ana@example.com" in said and "told with the others, " in said
    api.answers["/overview"] = {**sample("overview"), "channel_count": 0}
    said = look().wait("Nobody is told").text("#problems")
    assert "in the log alone, " in said and "told with" not in said
    pipeline = sample("pipeline")
    pipeline["problems"] = problems_with(told_to=[], at_first=True)["items"][:1]
    api.answers["/pipelines/mage:daily_sales"] = pipeline
    look("/pipelines/mage:daily_sales").wait("in the log with the others, ")


def test_what_fails_for_one_label_is_not_said_of_the_whole_pipeline(look, api):
    reader = look("/pipelines/mage:daily_sales").wait("Failing for partner=acme since")
    pipeline = sample("pipeline")
    pipeline["problems"] = [{**pipeline["problems"][0], "labels": {}}]
    api.answers["/pipelines/mage:daily_sales"] = pipeline
    reader.wait("Failing since").gone("Failing for")


def test_a_run_that_takes_too_long_began_before_it_did(look, api):
    pipeline = sample("pipeline")
    pipeline["problems"] = [{**of_kind("too_long", limit="6h")["items"][0], "title": "Running too long"}]
    api.answers["/pipelines/mage:daily_sales"] = pipeline
    look("/pipelines/mage:daily_sales").wait("Running too long: running since")
    pipelines = sample("pipelines")
    pipelines["items"][0]["state"] = "too_long"
    api.answers["/pipelines"] = pipelines
    reader = look("/pipelines").wait("running since 02:04")
    assert "too long since" not in reader.text()


def test_a_pipeline_that_is_fine_still_says_what_was_not_made_good(look, api):
    pipelines = sample("pipelines")
    fine = next(each for each in pipelines["items"] if each["state"] == "fine")
    fine["not_made_good_count"] = 4
    api.answers["/pipelines"] = pipelines
    look("/pipelines").wait("4 slots not made good")


def test_a_success_of_others_is_called_theirs(look, api):
    run = sample("run")
    run["last_success"]["run"]["labels"] = {"partner": "globex"}
    api.answers["/runs/mage:812"] = run
    reader = look("/runs/mage:812").wait("No run with partner=acme completed before it: this one is of partner=globex.")
    run["last_success"]["run"]["labels"] = dict(run["run"]["labels"])
    reader.gone("completed before it")


def test_the_sign_of_truth_leads_to_the_pipe(look):
    reader = look().wait("daily_sales")
    reader.page.locator("#truth a").click()
    reader.page.wait_for_url("**/pipe")


def test_the_pipe_says_in_a_sentence_whether_walpulse_is_well(look, api):
    look("/pipe").wait("walpulse is not well: 7 deliveries to oncall given up.")
    sources = sample("sources")
    well = [{**each, "given_up_count": 0, "given_up": []} for each in sources["channels"]]
    api.answers["/sources"] = {**sources, "channels": well}
    look("/pipe").wait("walpulse is well: it sees mage, 0 s behind, and tells data, oncall and fin.")
    api.answers["/sources"] = {**sources, "channels": []}
    look("/pipe").wait("walpulse is well: it sees mage, 0 s behind, and tells its log alone: the rules name no channel.")

    [one] = sources["items"]
    gap = {**one, "id": "crm", "tables": [{**one["tables"][0], "gap": True}]}
    blind = {**one, "id": "erp", "state": "blind", "behind_seconds": None}
    behind = {**one, "id": "web", "state": "behind", "behind_seconds": 900}
    monitor = {**sources["monitor"], "leads": False, "leader": None, "warnings": ["the disk is full"]}
    api.answers["/sources"] = {**sources, "channels": well, "items": [gap, blind, behind], "monitor": monitor}
    api.answers["/rules"] = {**sample("rules"), "mistakes": ["rules.toml:3: no such key"]}
    look("/pipe").wait("walpulse is not well: crm has a gap; it cannot see erp; web is 15 min behind; nobody leads; "
                       "the monitor has 1 warning; the rules files are wrong as they are now.")
