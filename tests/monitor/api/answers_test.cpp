#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/monitor/api/api_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kMinute = 60, kHour = 3600, kDay = 24 * kHour;

class Answers : public ApiTest {
 protected:
  void partner_run(std::int64_t id, double until, const std::string& partner,
                   const std::string& status = "COMPLETED") {
    run(id, until - 10, until, status, "sync", {{"partner", partner}});
  }
  /// For a slot of trigger 7.
  void slot_run(std::int64_t id, double slot, double until, bool fails = false) {
    MageRun one(id, slot + 1);
    one.row().execution = at(slot);
    apply({one.create(slot + 1), one.run(slot + 2)}, slot + 2);
    apply({fails ? one.fail(until) : one.complete(until)}, until);
  }
  nlohmann::json one(const std::string& pipeline) { return get("/pipelines/mage:" + pipeline); }
};

TEST_P(Answers, EndsThatAlternateByLabelAreNamedWithTheirRule) {
  for (int i = 1; i <= 6; ++i)
    partner_run(i, i * 100, i % 2 == 0 ? "acme" : "globex", i % 2 == 0 ? "COMPLETED" : "FAILED");
  beat(700);
  const auto mixed = one("sync")["mixed_ends"];
  ASSERT_THAT(mixed, SizeIs(1));
  EXPECT_EQ(mixed[0]["label"], "partner");
  EXPECT_EQ(mixed[0]["failing"], "globex");
  EXPECT_EQ(mixed[0]["failed_in_a_row"], 3);
  EXPECT_EQ(mixed[0]["succeeding"], "acme");
  EXPECT_THAT(std::string(mixed[0]["rule"]), HasSubstr("per = [\"partner\"]"));
}

TEST_P(Answers, EndsThatTheRulesTellApartDoNotAlternate) {
  take_rules("[[pipeline]]\nmatch = \"sync\"\nper = [\"partner\"]\n");
  for (int i = 1; i <= 6; ++i)
    partner_run(i, i * 100, i % 2 == 0 ? "acme" : "globex", i % 2 == 0 ? "COMPLETED" : "FAILED");
  beat(700);
  EXPECT_THAT(one("sync")["mixed_ends"], IsEmpty());
  const auto problem = get("/problems")["items"][0];
  EXPECT_EQ(problem["labels"]["partner"], "globex");
  EXPECT_THAT(problem["last_ends"], SizeIs(3)) << "its own";
  EXPECT_TRUE(problem["last_success_at"].is_null());
}

TEST_P(Answers, APartnersRowIsThePartners) {
  take_rules("[[pipeline]]\nmatch = \"sync\"\nper = [\"partner\"]\n");
  partner_run(1, 100, "globex");
  int id = 1;
  for (int i = 1; i <= 25; ++i) {
    for (int other = 0; other < 3; ++other) {
      ++id;
      partner_run(id, i * 1000 + other, "acme");
    }
    ++id;
    const Block block{id, id, "load"};
    apply({block.create(i * 1000 + 5), block.update(i * 1000 + 6, "FAILED", "no file")});
    partner_run(id, i * 1000 + 10, "globex", "FAILED");
  }
  beat(26'000);
  const auto problem = get("/problems")["items"][0];
  EXPECT_EQ(problem["failed_in_a_row"], 25);
  EXPECT_EQ(problem["same_cause"], true);
  EXPECT_EQ(problem["same_cause_since"], to_rfc3339(at(1010)));
  EXPECT_THAT(problem["last_ends"], SizeIs(20));
  for (const auto& end : problem["last_ends"]) EXPECT_EQ(end["status"], "FAILED");
  EXPECT_EQ(problem["last_success_at"], to_rfc3339(at(100)));
}

TEST_P(Answers, TheSameCauseIsFollowedBeyondTheLastSuccess) {
  const auto failing = [&](std::int64_t id, double when, const std::string& block_name) {
    const Block block{id, id, block_name};
    apply({block.create(when), block.update(when + 1, "FAILED", "no column")});
    run(id, when, when + 10, "FAILED");
  };
  failing(1, 1'000, "extract");
  failing(2, 2'000, "load");
  failing(3, 3'000, "load");
  run(4, 4'000, 4'010);
  failing(5, 5'000, "load");
  beat(6'000);
  const auto problem = get("/problems")["items"][0];
  EXPECT_EQ(problem["since"], to_rfc3339(at(5'010)));
  EXPECT_TRUE(problem["same_cause"].is_null()) << "it failed once since";
  EXPECT_EQ(problem["same_cause_since"], to_rfc3339(at(2'010)));
  const auto causes = one("daily")["failures"]["causes"];
  EXPECT_EQ(causes[0]["block"], "load");
  EXPECT_THAT(causes[0]["at"],
              ElementsAre(to_rfc3339(at(5'010)), to_rfc3339(at(3'010)), to_rfc3339(at(2'010))));
}

TEST_P(Answers, WithoutSlotsSomeRunSinceTheLastDeadlineMustBeDone) {
  take_rules(
      "[[pipeline]]\nmatch = \"sync\"\ndone_by = \"12:00\"\n");  // two hours behind the birth
  EXPECT_TRUE(get("/overview")["deadlines"].empty());
  run(1, kHour, kHour + 600, "COMPLETED", "sync");
  beat(kHour + 700);
  auto deadline = one("sync")["deadline"];
  EXPECT_EQ(deadline["done_by"], "12:00");
  EXPECT_EQ(deadline["next"]["at"], to_rfc3339(at(2 * kHour)));
  EXPECT_EQ(deadline["next"]["done"], true);
  EXPECT_EQ(deadline["next"]["done_at"], to_rfc3339(at(kHour + 600)));
  EXPECT_TRUE(deadline["last"].is_null()) << "nothing is known of before it";
  beat(3 * kHour);
  deadline = one("sync")["deadline"];
  EXPECT_EQ(deadline["last"]["done"], true);
  EXPECT_EQ(deadline["last"]["done_at"], to_rfc3339(at(kHour + 600)));
  EXPECT_EQ(deadline["next"]["done"], false);
  EXPECT_TRUE(deadline["next"]["usual_at"].is_null()) << "once is not usual";
  const auto overview = get("/overview");
  EXPECT_EQ(overview["deadline_count"], 1);
  EXPECT_EQ(overview["deadlines"][0]["pipeline"]["name"], "sync");
  EXPECT_EQ(overview["deadlines"][0]["next"], deadline["next"]);

  for (int day = 1; day <= 3; ++day)
    run(10 + day, day * kDay, day * kDay + (50 + day) * kMinute, "COMPLETED", "sync");
  going_on(20, 4 * kDay, "sync");
  beat(4 * kDay + 60);
  deadline = one("sync")["deadline"];
  EXPECT_EQ(deadline["next"]["under_way"], true);
  EXPECT_EQ(deadline["next"]["usual_at"], to_rfc3339(at(4 * kDay + 52 * kMinute)));
}

TEST_P(Answers, WithSlotsEachOfThemMustBeDone) {
  take_rules("[[pipeline]]\nmatch = \"daily\"\ndone_by = \"12:30\"\n");
  apply({Trigger{7, "hourly"}.create(1)});
  slot_run(1, kHour, kHour + 300);
  beat(kHour + 400);
  auto next = one("daily")["deadline"]["next"];
  EXPECT_EQ(next["at"], to_rfc3339(at(2.5 * kHour)));
  EXPECT_EQ(next["done"], false) << "the slot of 12:00 is to come";
  EXPECT_EQ(next["under_way"], false);
  slot_run(2, 2 * kHour, 2 * kHour + 300, true);
  beat(2 * kHour + 400);
  EXPECT_EQ(one("daily")["deadline"]["next"]["done"], false);
  slot_run(3, 2 * kHour, 2 * kHour + 900);
  beat(2 * kHour + 1000);
  next = one("daily")["deadline"]["next"];
  EXPECT_EQ(next["done"], true);
  EXPECT_EQ(next["done_at"], to_rfc3339(at(2 * kHour + 900)));
  EXPECT_EQ(get("/overview")["deadline_done_count"], 1);
}

TEST_P(Answers, EachValueThatIsExpectedMustBeDone) {
  take_rules(
      "[[pipeline]]\nmatch = \"sync\"\ndone_by = \"12:00\"\n"
      "expect_each.partner = [\"acme\", \"globex\"]\n");
  partner_run(1, 600, "acme");
  beat(700);
  EXPECT_EQ(one("sync")["deadline"]["next"]["done"], false);
  partner_run(2, 800, "globex");
  beat(900);
  const auto next = one("sync")["deadline"]["next"];
  EXPECT_EQ(next["done"], true);
  EXPECT_EQ(next["done_at"], to_rfc3339(at(800)));
}

TEST_P(Answers, SlotsThatNobodyMadeGoodAreCountedThoughThePipelineIsFine) {
  apply({Trigger{7, "hourly"}.create(1)});
  slot_run(1, kHour, kHour + 300, true);
  slot_run(2, 2 * kHour, 2 * kHour + 300);
  beat(2 * kHour + 400);
  EXPECT_THAT(get("/problems")["items"], IsEmpty());
  const auto missing = get("/overview")["not_made_good"];
  EXPECT_EQ(missing["slot_count"], 1);
  EXPECT_EQ(missing["pipeline_count"], 1);
  EXPECT_EQ(missing["pipelines"][0]["oldest_slot"], to_rfc3339(at(kHour)));
  EXPECT_EQ(missing["pipelines"][0]["newest_slot"], to_rfc3339(at(kHour)));
  EXPECT_THAT(get("/pipelines?has=not_made_good")["items"], SizeIs(1));
  EXPECT_THAT(get("/pipelines?has=running")["items"], IsEmpty());
  EXPECT_EQ(refusal("/pipelines?has=luck", 400), "bad-value");
}

TEST_P(Answers, ATeamNarrowsTheWholeOverview) {
  take_rules("[[pipeline]]\nmatch = \"sales\"\nteam = \"finance\"\n");
  run(1, 10, 20, "FAILED", "sales");
  run(2, 10, 25, "FAILED", "other");
  going_on(3, 15, "other");
  beat(30);
  const auto finance = get("/overview?team=finance"), rest = get("/overview?team=none");
  EXPECT_EQ(finance["counts"][0]["open"], 1);
  EXPECT_EQ(finance["pipelines"]["total"], 1);
  EXPECT_EQ(finance["last_end"]["run"], 1);
  EXPECT_EQ(finance["going_on_count"], 0);
  EXPECT_THAT(finance["teams"], SizeIs(2)) << "so that another can be chosen";
  EXPECT_EQ(finance["sources"][0]["pipeline_count"], 2) << "a source has no team";
  EXPECT_EQ(rest["counts"][0]["open"], 1);
  EXPECT_EQ(rest["going_on_count"], 1);
  EXPECT_EQ(get("/overview")["counts"][0]["open"], 2);
  EXPECT_EQ(get("/overview?team=nobodys")["pipelines"]["total"], 0);
  run(4, 40, 50, "COMPLETED", "sales");
  run(5, 40, 50, "COMPLETED", "other");
  beat(60);
  EXPECT_THAT(get("/overview?team=finance")["back_to_normal"], SizeIs(1));
  EXPECT_THAT(get("/overview")["back_to_normal"], SizeIs(2));
}

TEST_P(Answers, ASearchFindsWhatRunsForAPartner) {
  partner_run(1, 20, "Acme");
  run(2, 30, 40, "COMPLETED", "acme_report");
  run(3, 50, 60, "COMPLETED", "other");
  // Far more ends than a summary shows lie between.
  for (int i = 0; i < 60; ++i) partner_run(100 + i, 70 + i, "globex");
  beat(200);
  const auto found = get("/pipelines?text=acme&sort=name");
  EXPECT_THAT(column(found, "name"), ElementsAre("acme_report", "sync"));
  EXPECT_FALSE(found["items"][0].contains("matched_labels")) << "its name says it";
  EXPECT_EQ(found["items"][1]["matched_labels"][0]["value"], "Acme");
  EXPECT_THAT(column(get("/pipelines?label.partner=Acme"), "name"), ElementsAre("sync"));
  EXPECT_THAT(column(get("/runs?text=partner=acm"), "run"), ElementsAre(1));
  EXPECT_THAT(column(get("/runs?text=acme"), "run"), ElementsAre(2, 1));
}

TEST_P(Answers, PipelinesInTheOrderInWhichTheyAreDue) {
  apply({Trigger{7, "hourly"}.create(1)});
  run(1, 10, 20, "COMPLETED", "a_without_trigger");
  beat(30);
  EXPECT_THAT(column(get("/pipelines?sort=due"), "name"),
              ElementsAre("daily", "a_without_trigger"));
}

TEST_P(Answers, ThereIsNoNextPageBehindTheLastRun) {
  for (int i = 1; i <= 3; ++i) run(i, i, i + 1);
  for (int i = 4; i <= 5; ++i) run(i, i, i + 1, "FAILED", "other");
  beat(20);
  const auto has_more = [&](const std::string& query) {
    return !get("/runs?" + query)["next_page_token"].is_null();
  };
  EXPECT_FALSE(has_more("page_size=5"));
  EXPECT_TRUE(has_more("page_size=4"));
  EXPECT_FALSE(has_more("page_size=3&pipeline=mage:daily"));
  EXPECT_FALSE(has_more("page_size=3&status=COMPLETED"));
  for (int i = 1; i <= 2; ++i) going_on(10 + i, 30 + i, "third");
  beat(40);
  EXPECT_FALSE(has_more("page_size=2&pipeline=mage:third")) << "others' ends are none of it";
  EXPECT_TRUE(has_more("page_size=2"));
  EXPECT_THAT(all("/runs?page_size=2"), SizeIs(7));
  EXPECT_THAT(all("/runs?page_size=7"), SizeIs(7));
}

INSTANTIATE_TEST_SUITE_P(Storages, Answers, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
