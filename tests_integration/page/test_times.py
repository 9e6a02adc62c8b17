"""One zone for everything, named, and switched in one place."""
import pytest

from stand_ins.page_api import sample


def test_the_zone_is_the_browsers_until_another_is_chosen(look):
    reader = look(zone="America/New_York").wait("daily_sales")
    assert reader.page.locator("#tz option:checked").inner_text() == "New York (UTC-5)"
    assert reader.text("#truth") == "live, as of 02:12:41"
    assert "since yesterday 21:04" in reader.text("#problems")


def test_a_chosen_zone_is_in_the_address_and_kept(look):
    reader = look().wait("daily_sales")
    reader.page.locator("#tz").select_option("Asia/Tokyo")
    reader.wait("live, as of 16:12:41", "#truth")
    assert reader.page.locator("#tz option:checked").inner_text() == "Tokyo (UTC+9)"
    assert "tz=Asia%2FTokyo" in reader.page.url
    assert "since 11:04" in reader.text("#problems")
    reader.page.goto(reader.url + "/pipelines")
    reader.wait("16:12:41", "#truth")


def test_a_link_shows_its_senders_zone(look):
    reader = look("/?tz=UTC", zone="Asia/Tokyo").wait("daily_sales")
    assert reader.text("#truth") == "live, as of 07:12:41"
    assert reader.page.locator("#tz option:checked").inner_text() == "UTC"


def test_every_time_names_its_zone_and_utc_where_it_is_pointed_at(look):
    reader = look(zone="Asia/Tokyo").wait("daily_sales")
    time = reader.page.locator("#problems time").first
    assert time.get_attribute("title") == "2026-11-28 11:04:17 Tokyo (UTC+9) = 2026-11-28 02:04:17 UTC"
    assert time.get_attribute("datetime") == "2026-11-28T02:04:17.000Z"


def test_no_view_has_a_time_of_another_zone(look):
    """In a zone where every hour differs, no clock of UTC is left anywhere."""
    for path in ("/", "/pipelines", "/pipelines/mage:daily_sales", "/runs/mage:812", "/pipe"):
        reader = look(path, zone="Asia/Tokyo")
        reader.page.wait_for_selector("main time")
        for time in reader.page.locator("main time, #truth time").all():
            shown, instant = time.text_content(), time.get_attribute("datetime")
            if "T" in shown:  # positions in the log are Mage's own
                continue
            assert instant[11:16] not in shown or "UTC" in shown, (path, shown, instant)


def test_a_zone_off_by_half_an_hour(look):
    reader = look("/?tz=Asia/Kolkata").wait("live, as of 12:42:41", "#truth")
    assert reader.page.locator("#tz option:checked").inner_text() == "Kolkata (UTC+5:30)"


def test_an_unknown_zone_is_said(look):
    look("/?tz=Europe/Lisboa").wait('"tz=Europe/Lisboa" in the address')


@pytest.mark.parametrize("zone, since, before", [
    ("Europe/Lisbon", "2026-10-25T00:30:00Z", "01:30"),   # summer time still
    ("Europe/Lisbon", "2026-10-25T01:30:00Z", "01:30"),   # the hour that comes twice
    ("Europe/Lisbon", "2026-03-29T01:30:00Z", "02:30"),   # behind the hour that is left out
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", "01:30"),
])
def test_clocks_that_change(look, api, zone, since, before):
    problems = sample("problems")
    problems["as_of"] = since[:14] + "59:00Z"
    problems["items"] = [{**problems["items"][0], "since": since}]
    api.answers["/problems"] = problems
    reader = look(zone=zone).wait("daily_sales")
    assert f"since {before}" in reader.text("#problems")


@pytest.mark.parametrize("seconds, said", [
    (0, "0 s"), (0.4, "below 1 s"), (59.4, "59 s"), (59.6, "1 min"), (252, "4 min 12 s"), (599.7, "10 min"), (600, "10 min"),
    (1860, "31 min"), (3569, "59 min"), (3570, "1 h"), (18_480, "5 h 8 min"), (86_400, "1 d"), (273_600, "3 d 4 h"),
    (10 ** 9, "11574 d 2 h")])
def test_durations(look, api, seconds, said):
    pipelines = sample("pipelines")
    pipelines["items"] = [{**pipelines["items"][0], "usual_seconds": seconds, "nine_of_ten_seconds": seconds}]
    api.answers["/pipelines"] = pipelines
    reader = look("/pipelines").wait("nine of ten")
    assert reader.texts("td[data-label=usual]") == [f"{said}, nine of ten below {said}"]


@pytest.mark.parametrize("instant, said", [
    ("2026-11-28T07:00:00Z", "07:00"), ("2026-11-27T23:59:59Z", "yesterday 23:59"), ("2026-11-26T00:00:00Z", "26 Nov 00:00"),
    ("2025-11-28T07:00:00Z", "28 Nov 2025 07:00"), ("1970-01-01T00:00:00Z", "1 Jan 1970 00:00"), (None, "-")])
def test_instants(look, api, instant, said):
    pipelines = sample("pipelines")
    pipelines["items"] = [{**pipelines["items"][0], "last_success_at": instant}]
    api.answers["/pipelines"] = pipelines
    reader = look("/pipelines", zone="UTC").wait("nine of ten")
    assert reader.texts("td[data-label='last success']") == [said]
