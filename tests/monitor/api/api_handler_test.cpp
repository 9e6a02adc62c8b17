#include "monitor/api/api_handler.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "monitor/reading/run_list.h"
#include "tests/monitor/api/api_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Api : public ApiTest {};

TEST_P(Api, AnEmptyLedgerAnswersEverything) {
  for (const char* path : {"/overview", "/problems", "/pipelines", "/runs", "/triggers",
                           "/schedule", "/sources", "/rules", "/mutes"}) {
    const auto json = get(path);
    EXPECT_TRUE(json["as_of"].is_null()) << path;
    EXPECT_TRUE(json["behind_seconds"].is_null()) << path;
  }
  EXPECT_THAT(get("/overview")["sources"], IsEmpty());
  EXPECT_THAT(get("/overview")["counts"], SizeIs(kProblemKinds));
  EXPECT_EQ(get("/rules/explain?pipeline=x")["rows"][0]["place"], "default");
}

TEST_P(Api, AnswersMayBeKeptAndComparedByTheirTag) {
  const auto one = ask("/api/v1/runs"), same = ask("/api/v1/runs", "HEAD");
  EXPECT_FALSE(one.etag.empty());
  EXPECT_EQ(one.etag, same.etag);
  EXPECT_THAT(one.headers,
              Contains(std::pair<std::string, std::string>("Cache-Control", "private, max-age=1")));
  run(1, 1, 2);
  EXPECT_NE(ask("/api/v1/runs").etag, one.etag);
}

TEST_P(Api, OtherPathsAndMethodsAreRefused) {
  EXPECT_EQ(refusal("/nowhere", 404), "not-found");
  EXPECT_EQ(refusal("/runs/", 404), "not-found");
  EXPECT_EQ(refusal("", 404), "not-found");
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const auto response = ask("/api/v1/runs", method);
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_THAT(response.headers,
                Contains(std::pair<std::string, std::string>("Allow", "GET, HEAD")));
  }
}

TEST_P(Api, AFilterThatIsNotKnownIsNeverIgnored) {
  for (const char* target :
       {"/overview?x=1", "/problems?x=1", "/problems/mage:1?x=1", "/pipelines?x=1",
        "/pipelines/mage:daily?x=1", "/runs?x=1", "/runs/mage:1?x=1", "/triggers?x=1",
        "/schedule?x=1", "/sources?x=1", "/rules?x=1", "/rules/explain?x=1", "/mutes?x=1"})
    EXPECT_EQ(refusal(target, 400), "unknown-parameter") << target;
  beat(1);
  for (const char* target : {"/runs?pipeline=mage:nobody",
                             "/runs?source=nowhere",
                             "/runs?status=DONE",
                             "/runs?window=1w",
                             "/runs?window=1h&ended_after=2026-11-28T00:00:00Z",
                             "/runs?sort=id",
                             "/runs?trigger=of_nobody",
                             "/runs?format=xml",
                             "/runs?text=",
                             "/pipelines?state=good",
                             "/problems?kind=bad",
                             "/problems?opened_after=now",
                             "/schedule?day=today",
                             "/schedule?time_zone=Mars",
                             "/schedule?day=1999-12-31",
                             "/rules/explain",
                             "/runs/812",
                             "/pipelines/812",
                             "/runs/mage:x",
                             "/mutes?state=x",
                             "/runs?page_size=0"}) {
    const auto json = get(target, 400);
    EXPECT_EQ(json["type"], "/docs#bad-value") << target;
    EXPECT_FALSE(json["parameter"].empty()) << target;
    EXPECT_FALSE(json["example"].empty()) << target;
  }
  EXPECT_THAT(get("/runs/812", 400)["allowed"], ElementsAre("mage"));
}

TEST_P(Api, WhatIsNotThereIsNotFound) {
  beat(1);
  EXPECT_EQ(refusal("/runs/mage:5", 404), "not-found");
  EXPECT_EQ(refusal("/runs/other:5", 404), "not-found");
  EXPECT_EQ(refusal("/pipelines/mage:nobody", 404), "not-found");
  EXPECT_EQ(refusal("/problems/mage:5", 404), "not-found");
}

TEST_P(Api, ARunIsLaidBesideTheLastSuccessOfItsLabels) {
  run(1, 10, 20, "COMPLETED", "sync", {{"partner", "acme"}});
  run(2, 30, 40, "COMPLETED", "sync", {{"partner", "globex"}});
  run(3, 50, 60, "FAILED", "sync", {{"partner", "acme"}});
  run(4, 70, 80, "FAILED", "sync", {{"partner", "hooli"}});
  beat(90);
  EXPECT_EQ(get("/runs/mage:3?include=last_success")["last_success"]["run"]["id"], "mage:1");
  EXPECT_EQ(get("/runs/mage:4?include=last_success")["last_success"]["run"]["id"], "mage:2")
      << "it has none of its own";
}

TEST_P(Api, ARunSaysWhatItsRowsSaid) {
  run(812, 10, 262.5, "FAILED", "daily_sales", {{"partner", "acme"}});
  beat(300);
  const auto json = get("/runs/mage:812?include=steps,blocks,last_success");
  const auto& one = json["run"];
  EXPECT_EQ(one["id"], "mage:812");
  EXPECT_EQ(one["url"], "/api/v1/runs/mage%3A812");
  EXPECT_EQ(one["mage_url"], "https://mage.example.com/pipelines/daily_sales/runs/812");
  EXPECT_EQ(one["status"], "FAILED");
  EXPECT_EQ(one["created_at"], to_rfc3339(at(10)));
  EXPECT_EQ(one["started_at"], to_rfc3339(at(10.5)));
  EXPECT_EQ(one["ended_at"], to_rfc3339(at(262.5)));
  EXPECT_EQ(one["seconds"], 252.0);
  EXPECT_EQ(one["made_by"], "trigger");
  EXPECT_EQ(one["trigger"]["id"], "mage:7");
  EXPECT_EQ(one["labels"]["partner"], "acme");
  EXPECT_EQ(one["attempts"], 1);
  EXPECT_THAT(json["steps"], SizeIs(3));
  EXPECT_TRUE(json["blocks"].is_null());
  EXPECT_TRUE(json["last_success"].is_null());
  EXPECT_THAT(json["problems"], SizeIs(1));
}

TEST_P(Api, ARunIsComparedWithTheLastThatSucceeded) {
  const Block good{1, 1, "load"}, bad{2, 3, "load"};
  run(1, 10, 20);
  apply({good.create(10), good.update(19, "COMPLETED")});
  run(2, 30, 40, "CANCELLED");
  run(3, 50, 60, "FAILED");
  apply({bad.create(50), bad.update(59, "FAILED", "no such column")});
  run(4, 70, 80);
  beat(90);
  const auto json = get("/runs/mage:3?include=blocks,last_success");
  EXPECT_EQ(json["last_success"]["run"]["id"], "mage:1");
  EXPECT_EQ(json["last_success"]["blocks"][0]["name"], "load");
  EXPECT_EQ(json["blocks"][0]["status"], "FAILED");
  EXPECT_TRUE(json["blocks"][0]["ended_at"].is_string()) << "Mage leaves completed_at empty";
  EXPECT_EQ(json["cause"]["block"], "load");
  EXPECT_EQ(json["cause"]["error"], "no such column");
}

TEST_P(Api, RunsThatGoOnComeFirstThenTheLastEnded) {
  run(1, 10, 20);
  run(2, 11, 40, "FAILED");
  run(3, 12, 30, "CANCELLED");
  going_on(4, 35, "other");
  beat(50);
  const auto ids = [&](const std::string& query) { return column(get("/runs" + query), "run"); };
  EXPECT_THAT(ids(""), ElementsAre(4, 2, 3, 1));
  EXPECT_THAT(ids("?pipeline=mage:daily"), ElementsAre(2, 3, 1));
  EXPECT_THAT(ids("?pipeline=daily"), ElementsAre(2, 3, 1));
  EXPECT_THAT(ids("?status=FAILED,COMPLETED"), ElementsAre(2, 1));
  EXPECT_THAT(ids("?status=RUNNING"), ElementsAre(4));
  EXPECT_THAT(ids("?window=15s"), ElementsAre(4, 2));
  EXPECT_THAT(ids("?ended_after=" + to_rfc3339(at(20)) + "&ended_before=" + to_rfc3339(at(40))),
              ElementsAre(3, 1));
  EXPECT_THAT(ids("?text=OTH"), ElementsAre(4));
  EXPECT_THAT(ids("?text=3"), ElementsAre(3));
  EXPECT_THAT(ids("?label.partner=acme"), IsEmpty());
}

TEST_P(Api, PagesAreStableWhileRunsEnd) {
  constexpr int kEnded = 60;
  for (int i = 1; i <= kEnded; ++i) run(i, i, i + 1);
  for (int i = 1; i <= 5; ++i) going_on(100 + i, 70 + i);
  beat(80);
  int next = 200;
  std::vector<int> ids;
  for (const auto& item : all("/runs?page_size=7", [&] {
         MageRun ends(101 + next % 5, 70, "daily");
         apply({ends.run(71), ends.complete(100 + next)});
         run(next, 100 + next, 101 + next);
         ++next;
       }))
    ids.push_back(item["run"]);
  EXPECT_EQ(std::set<int>(ids.begin(), ids.end()).size(), ids.size()) << "one came twice";
  EXPECT_THAT(ids, SizeIs(kEnded + 5));
}

TEST_P(Api, ActiveRunsOfSeveralPagesAllCome) {
  for (int i = 1; i <= 23; ++i) going_on(i, i);
  run(50, 30, 40);
  beat(50);
  std::vector<int> ids;
  for (const auto& item : all("/runs?page_size=5")) ids.push_back(item["run"]);
  ASSERT_THAT(ids, SizeIs(24));
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end() - 1, std::greater<>()));
  EXPECT_EQ(ids.back(), 50);
}

TEST_P(Api, ASearchLooksAtSoManyRunsAPageAndEnds) {
  if (GetParam() == Backend::postgres) return;  // what it tests is above the storage
  run(1, 1, 2);
  beat(3);
  auto& storage = *raw_storage();
  ASSERT_TRUE(storage.begin(Intent::exclusive));
  Transaction& in = storage.transaction();
  const std::int64_t source = in.context().sources.front().id;
  std::vector<RunKey> keys;
  for (std::size_t i = 0; i < reading::kEndsScannedMax + 100; ++i)
    keys.push_back({source, 1'000 + static_cast<std::int64_t>(i)});
  auto stored = in.runs().load(keys);
  for (StoredRun& each : stored) {
    each.run.timeline = {make_end({kEpoch, Lsn{1}, 0}, at(1))};
    each.run.state.status = "COMPLETED";
    each.run.state.pipeline = "many";
    each.run.state.since = each.run.state.last_event = at(10);
    each.run.state.finish = RunFinish{at(10), std::nullopt};
  }
  in.runs().save(stored);
  ASSERT_TRUE(storage.commit());
  const auto page = get("/runs?text=nothing");
  EXPECT_THAT(page["items"], IsEmpty());
  EXPECT_FALSE(page["next_page_token"].is_null());
  EXPECT_THAT(all("/runs?text=dail"), SizeIs(1));
}

TEST_P(Api, ATokenOfOtherFiltersIsExpired) {
  for (int i = 1; i <= 3; ++i) run(i, i, i + 1);
  beat(10);
  const std::string token = get("/runs?page_size=1")["next_page_token"];
  EXPECT_THAT(get("/runs?page_size=2&page_token=" + token)["items"], SizeIs(2));
  EXPECT_EQ(refusal("/runs?text=daily&page_token=" + token, 410), "page-token-expired");
  EXPECT_EQ(refusal("/pipelines?page_token=" + token, 410), "page-token-expired");
  EXPECT_EQ(refusal("/runs?page_token=abc", 410), "page-token-expired");
}

TEST_P(Api, ATableIsHarmlessInASpreadsheet) {
  run(1, 10, 20, "COMPLETED", "=cmd|' /C calc'!A0", {{"partner", "-1"}});
  run(2, 11, 21);
  run(3, 1, 5, "COMPLETED", "cmd");
  beat(30);
  const auto response = ask("/api/v1/runs?format=csv&page_size=1&text=cmd");
  EXPECT_EQ(response.content_type, "text/csv; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("id,source,run,pipeline,status"));
  EXPECT_THAT(response.body, HasSubstr("\"'=cmd|' /C calc'!A0\""));
  bool linked = false;
  for (const auto& [name, value] : response.headers)
    if (name == "Link") linked = value.find("format=csv") != std::string::npos;
  EXPECT_TRUE(linked);
}

TEST_P(Api, AFailingPipelineSaysSinceWhenAndWhy) {
  for (int i = 1; i <= 3; ++i) {
    const Block block{i, i, "load_sales"};
    apply({block.create(i * 100), block.update(i * 100 + 9, "FAILED", "no column")});
    run(i, i * 100, i * 100 + 10, "FAILED");
  }
  run(9, 50, 60, "COMPLETED", "fine");
  beat(400);
  const auto list = get("/problems");
  EXPECT_EQ(list["total"], 1);
  const auto& problem = list["items"][0];
  EXPECT_EQ(problem["kind"], "failing");
  EXPECT_EQ(problem["since"], to_rfc3339(at(110)));
  EXPECT_EQ(problem["failed_in_a_row"], 3);
  EXPECT_EQ(problem["cause"]["block"], "load_sales");
  EXPECT_EQ(problem["same_cause"], true);
  EXPECT_EQ(problem["run"], 3);
  EXPECT_EQ(problem["mage_url"], "https://mage.example.com/pipelines/daily/runs/3");
  EXPECT_THAT(problem["last_ends"], SizeIs(3));
  EXPECT_EQ(get("/problems/" + std::string(problem["id"]))["problem"], problem);

  const auto pipelines = get("/pipelines");
  EXPECT_THAT(column(pipelines, "name"), ElementsAre("daily", "fine"));
  EXPECT_THAT(column(pipelines, "state"), ElementsAre("failing", "fine"));
  EXPECT_THAT(column(get("/pipelines?state=fine"), "name"), ElementsAre("fine"));
  EXPECT_THAT(column(get("/pipelines?sort=name"), "name"), ElementsAre("daily", "fine"));
  EXPECT_THAT(column(get("/pipelines?text=AI"), "name"), ElementsAre("daily"));

  const auto one = get("/pipelines/mage:daily");
  EXPECT_EQ(one["failures"]["causes"][0]["count"], 3);
  EXPECT_EQ(one["failures"]["causes"][0]["block"], "load_sales");
  EXPECT_THAT(one["last_ends"], SizeIs(3));
  EXPECT_EQ(one["trend"][0]["failed"], 3);

  const auto overview = get("/overview");
  EXPECT_EQ(overview["counts"][0]["open"], 1);
  EXPECT_EQ(overview["pipelines"]["total"], 2);
  EXPECT_EQ(overview["pipelines"]["fine"], 1);
  EXPECT_EQ(overview["last_end"]["run"], 3);
  EXPECT_THAT(overview["few_pipelines"], SizeIs(2));

  run(10, 500, 510);
  beat(520);
  EXPECT_THAT(get("/problems")["items"], IsEmpty());
  EXPECT_EQ(get("/problems?state=closed")["items"][0]["state"], "closed");
  EXPECT_THAT(get("/overview")["back_to_normal"], SizeIs(1));
}

TEST_P(Api, ARunThatEndsChangesItsPipelineAtOnce) {
  for (int i = 1; i <= 10; ++i) {
    run(i, i * 100, i * 100 + 60);
    beat(i * 100 + 70);
    const auto one = get("/pipelines")["items"][0];
    EXPECT_EQ(one["success"]["completed"], i);
    EXPECT_EQ(one["last_end"]["run"], i);
    EXPECT_EQ(one["usual_seconds"].is_null(), i < 8) << i;
  }
  const auto one = get("/pipelines")["items"][0];
  EXPECT_EQ(one["usual_seconds"], 59.5);
  EXPECT_EQ(one["usual_of"], 10);
  going_on(11, 2000);
  beat(2100);
  EXPECT_EQ(get("/overview")["going_on"][0]["unusual"], true);
  EXPECT_EQ(get("/pipelines")["items"][0]["state"], "unusual");
}

TEST_P(Api, SummariesAreReadBesideTheRequestsWhileSomebodyLooks) {
  summaries_kept_ = std::chrono::hours(1);
  run(1, 10, 20);
  beat(30);
  EXPECT_EQ(get("/pipelines")["items"][0]["last_end"]["run"], 1);
  run(2, 40, 50, "FAILED");
  run(3, 41, 51, "COMPLETED", "new");
  beat(60);
  const auto list = get("/pipelines?sort=name");  // what is not known yet is read at once
  EXPECT_THAT(column(list, "name"), ElementsAre("daily", "new"));
  EXPECT_EQ(list["items"][0]["problem_count"], 1) << "problems are never old";
  for (int i = 0; i < 600 && get("/pipelines?sort=name")["items"][0]["last_end"]["run"] != 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(get("/pipelines?sort=name")["items"][0]["last_end"]["run"], 2);
}

TEST_P(Api, WhatWasAppliedIsShownAtOnceThoughRequestsShareAPicture) {
  summaries_kept_ = std::chrono::hours(1);
  pictures_kept_ = std::chrono::hours(1);
  run(1, 10, 20);
  beat(30);
  EXPECT_THAT(column(get("/runs"), "run"), ElementsAre(1));
  run(2, 40, 50, "FAILED");
  EXPECT_THAT(column(get("/runs"), "run"), ElementsAre(2, 1));
  EXPECT_THAT(column(get("/runs?pipeline=daily"), "run"), ElementsAre(2, 1));
  run(3, 41, 51, "COMPLETED", "new");
  EXPECT_THAT(column(get("/runs?pipeline=new"), "run"), ElementsAre(3))
      << "the pipelines that were shown do not have it yet";
  beat(60);
  EXPECT_THAT(get("/problems")["items"], SizeIs(1));
  EXPECT_EQ(get("/runs/mage:3")["run"]["status"], "COMPLETED");
}

/// Looks that wait until they are let go.
class GatedReader : public LedgerReader {
 public:
  explicit GatedReader(LedgerReader& below) : below_(below) {}
  Result<telemetry::MetricFamilies> snapshot(Timestamp now) override {
    return below_.snapshot(now);
  }
  Result<std::vector<KnownEpoch>> epochs() override { return below_.epochs(); }
  Result<std::vector<KnownTrigger>> triggers() override { return below_.triggers(); }
  Result<std::vector<KnownBlock>> blocks(const std::string& source, std::int64_t run) override {
    return below_.blocks(source, run);
  }
  Result<void> look(const Look& work) override {
    ++looks;
    go.wait();
    return below_.look(work);
  }
  Result<KnownProblems> problems(std::size_t most) override { return below_.problems(most); }

  std::atomic<int> looks = 0;
  std::promise<void> told;
  std::shared_future<void> go = told.get_future().share();

 private:
  LedgerReader& below_;
};

TEST_P(Api, WhatManyAskAtOnceIsReadOnce) {
  run(1, 10, 20);
  beat(30);
  GatedReader reader(ledger());
  api::ApiOptions api_options;
  api_options.kept = std::chrono::hours(1);
  api_options.summaries_kept = std::chrono::milliseconds(0);
  std::atomic<int> answered = 0;
  std::promise<void> all;
  {
    api::ApiHandler handler(reader, *book_,
                            {[this] { return facts_; }, [this] { return at(now_); }}, api_options);
    std::string body;
    constexpr int kMany = 40;
    for (int i = 0; i < kMany; ++i)
      handler.ask({"GET", "/api/v1/overview", "", "", body},
                  [&](const http::ServerResponse& response) {
                    EXPECT_EQ(response.status, 200);
                    if (++answered == kMany + 1) all.set_value();
                  });
    // Another question does not wait behind them.
    handler.ask({"GET", "/api/v1/sources", "", "", body}, [&](const http::ServerResponse&) {
      if (++answered == kMany + 1) all.set_value();
    });
    while (reader.looks < 2) std::this_thread::yield();
    EXPECT_EQ(answered, 0);
    reader.told.set_value();
    all.get_future().wait();
  }
  EXPECT_EQ(reader.looks, 2);
}

TEST_P(Api, AListOfRunsIsReadAnewThoughTheLastLookAtThePipelinesServes) {
  kept_ = std::chrono::hours(1);
  run(1, 10, 20);
  beat(30);
  EXPECT_THAT(column(get("/runs?page_size=10"), "run"), ElementsAre(1));
  run(2, 40, 50, "FAILED");
  run(3, 41, 51, "COMPLETED", "new");
  beat(60);
  EXPECT_THAT(column(get("/runs?page_size=10"), "run"), ElementsAre(1)) << "the same answer serves";
  EXPECT_THAT(column(get("/runs?page_size=11"), "run"), ElementsAre(3, 2, 1));
  EXPECT_THAT(column(get("/runs?pipeline=mage:new"), "run"), ElementsAre(3));
  EXPECT_THAT(column(get("/pipelines?sort=name"), "name"), ElementsAre("daily", "new"))
      << "what shows more of them looks itself";
  EXPECT_THAT(get("/problems")["items"], SizeIs(1)) << "problems are never old";
}

TEST_P(Api, MutedProblemsAreApart) {
  run(1, 10, 20, "FAILED");
  beat(30);
  Mute mute;
  mute.pipeline = "dai*";
  mute.reason = "vendor is down";
  mute.created_by = "ana@example.com";
  mute.created = at(31);
  mute.until = at(100);
  auto& storage = *raw_storage();
  ASSERT_TRUE(storage.begin(Intent::share));
  storage.transaction().mutes().save(mute);
  ASSERT_TRUE(storage.commit());
  now_ = 40;
  EXPECT_THAT(get("/problems?state=open")["items"], IsEmpty());
  EXPECT_EQ(get("/problems?state=muted")["items"][0]["mute"]["reason"], "vendor is down");
  EXPECT_EQ(get("/overview")["muted_count"], 1);
  EXPECT_EQ(get("/pipelines")["items"][0]["muted"], true);
  EXPECT_EQ(get("/mutes")["items"][0]["created_by"], "ana@example.com");
  now_ = 101;
  EXPECT_THAT(get("/problems?state=open")["items"], SizeIs(1));
  EXPECT_THAT(get("/mutes")["items"], IsEmpty());
  EXPECT_EQ(get("/mutes?state=ended")["items"][0]["state"], "ended");
}

TEST_P(Api, TriggersSayWhatIsDue) {
  const Trigger hourly{7, "hourly"}, paused{8, "paused"};
  apply({hourly.create(1), paused.put(schema::Operation::insert, 2, "INACTIVE")});
  MageRun first(1, 3600);
  first.row().execution = at(3600);
  apply({first.create(3601), first.run(3602), first.fail(3660)});
  beat(3700);
  const auto list = get("/triggers");
  EXPECT_THAT(column(list, "name"), ElementsAre("hourly", "paused"));
  EXPECT_EQ(list["items"][0]["next_due_at"], to_rfc3339(at(7200)));
  EXPECT_EQ(list["items"][0]["last_slot"], to_rfc3339(at(3600)));
  EXPECT_EQ(list["items"][1]["state"], "paused");
  EXPECT_THAT(column(get("/triggers?state=paused"), "name"), ElementsAre("paused"));
  const auto overview = get("/overview");
  EXPECT_EQ(overview["next_due"]["due_at"], to_rfc3339(at(7200)));
  EXPECT_EQ(overview["due_count"], 1);
  const auto one = get("/pipelines/mage:daily");
  EXPECT_EQ(one["not_made_good"][0]["slot"], to_rfc3339(at(3600)));
  const auto day = get("/schedule?day=2026-11-20")["items"][0];
  EXPECT_EQ(day["failed_count"], 1);
  EXPECT_EQ(day["slots"][0]["state"], "failed");
  EXPECT_EQ(day["slots"][0]["run"], 1);
  EXPECT_EQ(day["expected_count"], 13);  // 11:00 to 23:00
}

/// The runs of fifty triggers are read in one question.
TEST_P(Api, EachOfManyTriggersHasTheRunsOfItsOwnDay) {
  constexpr std::int64_t kTriggers = 130;
  const auto has_run = [](std::int64_t id) { return id % 3 != 0; };
  std::vector<ReceivedMessage> all;
  for (std::int64_t id = 1; id <= kTriggers; ++id) {
    all.push_back(Trigger{id, "t" + std::to_string(1'000 + id)}.create(1));
    if (!has_run(id)) continue;
    MageRun one(5'000 + id, 3601);
    one.row().schedule = id;
    one.row().execution = at(3600);
    for (auto& each : {one.create(3601), one.run(3602), one.complete(3660)}) all.push_back(each);
  }
  apply(std::move(all));
  beat(3700);
  // Of slots that a page shows there are at most so many, whatever size is asked for.
  const auto page = get("/schedule?day=2026-11-20&page_size=200");
  EXPECT_LT(page.dump().size(), 100'000U);
  EXPECT_THAT(page["items"], SizeIs(480 / 13 + 1));
  const auto items = this->all("/schedule?day=2026-11-20&page_size=120");
  ASSERT_EQ(items.size(), static_cast<std::size_t>(kTriggers));
  for (std::int64_t id = 1; id <= kTriggers; ++id) {
    const auto& day = items[static_cast<std::size_t>(id - 1)];
    EXPECT_EQ(day["name"], "t" + std::to_string(1'000 + id));
    EXPECT_EQ(day["made_count"], has_run(id) ? 1 : 0) << id;
    EXPECT_EQ(day["slots"][0]["run"],
              has_run(id) ? nlohmann::json(5'000 + id) : nlohmann::json(nullptr));
  }
}

TEST_P(Api, NamesAreWhateverPeopleGave) {
  const std::string name = "<img src=x onerror=alert(1)>/%2F \"\\\n:7";
  run(1, 10, 20, "FAILED", name);
  beat(30);
  const auto item = get("/pipelines")["items"][0];
  EXPECT_EQ(item["name"], name);
  EXPECT_EQ(get("/pipelines/mage:" + name)["pipeline"]["name"], name);
}

TEST_P(Api, ASourceThatFallsBehindSaysSo) {
  run(1, 10, 20);
  beat(30);
  EXPECT_EQ(get("/runs")["behind_seconds"], 0);
  EXPECT_EQ(get("/sources")["items"][0]["state"], "live");
  now_ = 30 + 755;
  EXPECT_EQ(get("/runs")["behind_seconds"], 720);
  EXPECT_EQ(get("/sources")["items"][0]["state"], "behind");
  EXPECT_EQ(get("/runs")["as_of"], to_rfc3339(at(30)));
}

INSTANTIATE_TEST_SUITE_P(Storages, Api, all_backends(), backend_name);

class FailingReader : public LedgerReader {
 public:
  Result<telemetry::MetricFamilies> snapshot(Timestamp) override { return trouble(); }
  Result<std::vector<KnownEpoch>> epochs() override { return trouble(); }
  Result<std::vector<KnownTrigger>> triggers() override { return trouble(); }
  Result<std::vector<KnownBlock>> blocks(const std::string&, std::int64_t) override {
    return trouble();
  }
  Result<void> look(const std::function<void(Transaction&, const Context&)>&) override {
    return trouble();
  }
  Result<KnownProblems> problems(std::size_t) override { return trouble(); }

 private:
  static tl::unexpected<Error> trouble() {
    return fail(ErrorKind::unavailable, "server closed the connection");
  }
};

/// Answers when it is told to.
class SlowReader : public FailingReader {
 public:
  Result<void> look(const std::function<void(Transaction&, const Context&)>&) override {
    ++looks;
    go.wait();
    return fail(ErrorKind::unavailable, "late");
  }
  std::promise<void> told;
  std::shared_future<void> go = told.get_future().share();
  std::atomic<int> looks = 0;
};

TEST(ApiAway, WhatIsTooMuchIsRefusedAtOnce) {
  SlowReader ledger;
  const rules::RuleBook book;
  api::ApiOptions options;
  options.waiting_max = 3;
  std::atomic<int> refused = 0, answered = 0;
  {
    api::ApiHandler handler(
        ledger, book, {[] { return api::MonitorFacts{}; }, [] { return Timestamp{}; }}, options);
    std::string body;
    for (int i = 0; i < 50; ++i)
      handler.ask({"GET", "/api/v1/runs", "", "", body}, [&](const http::ServerResponse& response) {
        ++(response.body.find("/docs#busy") != std::string::npos ? refused : answered);
      });
    EXPECT_GE(refused, 50 - 3 - 2);
    ledger.told.set_value();
  }
  EXPECT_EQ(refused + answered, 50) << "somebody was never answered";
}

TEST(ApiAway, ALedgerThatDoesNotAnswerIsNamed) {
  FailingReader ledger;
  const rules::RuleBook book;
  api::ApiHandler handler(ledger, book,
                          {[] { return api::MonitorFacts{}; }, [] { return Timestamp{}; }}, {});
  std::promise<http::ServerResponse> answered;
  std::string body;
  handler.ask({"GET", "/api/v1/runs", "", "", body},
              [&](http::ServerResponse response) { answered.set_value(std::move(response)); });
  const auto response = answered.get_future().get();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_THAT(response.body,
              AllOf(HasSubstr("/docs#ledger-away"), HasSubstr("server closed the connection"),
                    HasSubstr("nothing is lost")));
}

}  // namespace
}  // namespace walpulse::monitor::testing
