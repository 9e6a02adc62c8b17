#include "monitor/watch/problem_watch.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "monitor/notify/problem_log.h"
#include "monitor/watch/failed_slots.h"
#include "tests/monitor/ledger_fixture.h"
#include "tests/monitor/table_events.h"

namespace walpulse::monitor::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

/// A ledger, the source that fills it, and the leader that looks at it every five seconds. The
/// birth is 10:00, and a second of the source is one of every clock.
class ProblemWatchTest : public LedgerTest {
 protected:
  void rules(const std::string& text) {
    const std::vector<rules::RulesText> texts{{"rules.toml", text}};
    auto read = rules::read_rules(texts);
    ASSERT_TRUE(read.has_value());
    in_force_ = {std::make_shared<const rules::Rules>(*std::move(read)), text};
  }
  ProblemWatch& watch() {
    if (!watch_) watch_.emplace(ledger(), [this] { return in_force_; });
    return *watch_;
  }
  /// As a process that starts.
  void restart() {
    watch_.reset();
    if (GetParam() != Backend::memory) open();  // that one would begin anew
  }

  /// All was delivered up to then, as a heartbeat says.
  void beat(double when) {
    schema::Heartbeat heartbeat = testing::heartbeat(++sequence_, when);
    heartbeat.confirmed_at = at(when);
    apply({message(heartbeat)}, when);
    now_ = std::max(now_, when);
  }
  /// One look, and the lines that it logs.
  std::vector<std::string> look() {
    auto news = watch().round(ProblemWatch::Clock::time_point(
                                  std::chrono::microseconds(static_cast<std::int64_t>(now_ * 1e6))),
                              at(now_));
    EXPECT_TRUE(news) << news.error().message;
    std::vector<std::string> lines;
    if (!news) return lines;
    if (!news->found.empty()) lines.push_back(first_look_line(*news).message);
    for (const Problem& each : news->opened) lines.push_back(problem_line(each, "").message);
    for (const Problem& each : news->closed) lines.push_back(problem_line(each, "").message);
    if (!cut_off_) {
      EXPECT_TRUE(watch().logged());
    }
    return lines;
  }
  /// Time goes by, with a heartbeat every ten seconds and a look every five.
  std::vector<std::string> pass(double until, bool heartbeats = true) {
    std::vector<std::string> lines;
    while (now_ < until) {
      now_ = std::min(now_ + 5, until);
      if (heartbeats && static_cast<std::int64_t>(now_) % 10 == 0) beat(now_);
      for (std::string& line : look()) lines.push_back(std::move(line));
    }
    return lines;
  }
  /// Of the first look that says something; nothing within ten minutes where none does.
  std::vector<std::string> next_lines() {
    for (int i = 0; i < 120; ++i)
      if (auto lines = pass(now_ + 5); !lines.empty()) return lines;
    return {};
  }
  /// Looks once, so that what comes later is not what was there before.
  void begin() {
    beat(5);
    EXPECT_THAT(look(), IsEmpty());
  }

  std::vector<std::string> open_subjects() {
    const auto known = ledger().problems(100);
    EXPECT_TRUE(known);
    std::vector<std::string> subjects;
    for (const Problem& each : known->open)
      subjects.push_back(std::string(name_of(each.finding.key.kind)) + ' ' +
                         each.finding.key.subject);
    return subjects;
  }
  std::size_t closed_count() { return ledger().problems(100)->closed.size(); }

  /// An hourly trigger of the pipeline "p<id>".
  void hourly(std::int64_t id, double when, const std::string& schema = "public") {
    TableChange change;
    change.table = "pipeline_schedule";
    change.when = when;
    change.id = id;
    change.columns = {{"name", "every hour"},    {"pipeline_uuid", "p" + std::to_string(id)},
                      {"schedule_type", "TIME"}, {"schedule_interval", "@hourly"},
                      {"status", "ACTIVE"},      {"settings", std::nullopt}};
    apply({in_schema(schema, message(change))}, when);
  }
  /// Its run for the slot of an hour, which begins `late` seconds after it and completes at once.
  void slot_run(std::int64_t trigger, int hour, double late = 5) {
    const double when = hour * 3600.0 + late;
    MageRun run(trigger * 1000 + hour, when, "p" + std::to_string(trigger));
    run.row().schedule = trigger;
    run.row().execution = at(hour * 3600.0);
    apply({run.create(when), run.run(when + 1), run.complete(when + 2)}, when + 2);
  }

  /// The same of the table of another schema.
  static ReceivedMessage in_schema(const std::string& schema, ReceivedMessage received) {
    const std::string ours = "\"schema\":\"public\"";
    const std::size_t at = received.data.find(ours);
    EXPECT_NE(at, std::string::npos) << received.data;
    received.data.replace(at, ours.size(), "\"schema\":\"" + schema + "\"");
    read_message(received);
    return received;
  }

  rules::RuleBook::InForce in_force_ = rules::RuleBook().in_force();
  std::optional<ProblemWatch> watch_;
  std::uint64_t sequence_ = 0;
  double now_ = 0;
  bool cut_off_ = false;  ///< Whoever looks is gone before the log has its lines.
};

TEST_P(ProblemWatchTest, AFailureOpensOnceAndClosesOnceThroughRestarts) {
  begin();
  MageRun first(1, 10), second(2, 40), third(3, 70);
  apply({first.create(10), first.run(11), first.fail(12)}, 12);
  EXPECT_THAT(pass(30), ElementsAre("Failing: daily since=2026-11-20T10:00:12.000000Z "
                                    "failed_in_a_row=1 run=1 "
                                    "last_failed=2026-11-20T10:00:12.000000Z"));
  restart();
  apply({second.create(40), second.run(41), second.fail(42)}, 42);
  EXPECT_THAT(pass(60), IsEmpty());
  restart();
  apply({third.create(70), third.run(71), third.complete(72)}, 72);
  EXPECT_THAT(pass(90), ElementsAre("Failing is over: daily since=2026-11-20T10:00:12.000000Z "
                                    "until=2026-11-20T10:01:12.000000Z failed_in_a_row=2 run=2 "
                                    "last_failed=2026-11-20T10:00:42.000000Z"));
  restart();
  EXPECT_THAT(pass(120), IsEmpty());
  EXPECT_EQ(closed_count(), 1u);
}

TEST_P(ProblemWatchTest, WhatWasKeptAndNotLoggedIsLoggedByWhoeverLeadsNext) {
  begin();
  MageRun first(1, 10, "a"), second(2, 10, "b");
  apply({first.create(10), first.run(11), first.fail(12)}, 12);
  apply({second.create(10), second.run(11), second.fail(12)}, 12);
  cut_off_ = true;
  const auto opened = next_lines();
  EXPECT_THAT(opened, SizeIs(2));
  restart();
  EXPECT_THAT(next_lines(), Eq(opened));
  restart();
  cut_off_ = false;
  EXPECT_THAT(next_lines(), Eq(opened));
  EXPECT_THAT(pass(now_ + 30), IsEmpty());

  cut_off_ = true;
  apply({first.complete(now_ + 4)}, now_ + 4);
  const auto closed = next_lines();
  EXPECT_THAT(closed, ElementsAre(HasSubstr("Failing is over: a ")));
  restart();
  apply({second.complete(now_ + 4)}, now_ + 4);
  cut_off_ = false;
  EXPECT_THAT(next_lines(), ElementsAre(closed.at(0), HasSubstr("Failing is over: b ")));
  EXPECT_THAT(pass(now_ + 30), IsEmpty());
}

TEST_P(ProblemWatchTest, WhatIsOverBeforeItsBeginningWasLoggedIsLoggedWhole) {
  begin();
  MageRun run(1, 10);
  apply({run.create(10), run.run(11), run.fail(12)}, 12);
  cut_off_ = true;
  const auto opened = next_lines();
  EXPECT_THAT(opened, SizeIs(1));
  apply({run.complete(now_ + 4)}, now_ + 4);
  for (int i = 0; i < 20 && closed_count() == 0; ++i) pass(now_ + 5);
  ASSERT_EQ(closed_count(), 1u);
  restart();
  cut_off_ = false;
  EXPECT_THAT(next_lines(), ElementsAre(HasSubstr("Failing: daily"), HasSubstr("Failing is over")));
  EXPECT_THAT(pass(now_ + 30), IsEmpty());
}

TEST_P(ProblemWatchTest, ARunThatIsRetriedStaysFailingUntilItCompletes) {
  begin();
  MageRun run(1, 10);
  apply({run.create(10), run.run(11), run.fail(12)}, 12);
  EXPECT_THAT(pass(30), SizeIs(1));
  apply({run.run(35)}, 35);
  EXPECT_THAT(pass(60), IsEmpty());
  apply({run.fail(65), run.run(66)}, 66);
  EXPECT_THAT(pass(90), IsEmpty());
  apply({run.complete(95)}, 95);
  EXPECT_THAT(pass(120), SizeIs(1));
  EXPECT_EQ(closed_count(), 1u);
}

TEST_P(ProblemWatchTest, TheFirstLookSaysHowManyWereThere) {
  for (const std::int64_t id : {1, 2, 3}) {
    MageRun run(id, 10, "p" + std::to_string(id));
    apply({run.create(10), run.run(11), run.fail(12)}, 12);
  }
  beat(20);
  EXPECT_THAT(look(), ElementsAre("problems that were there before walpulse looked: Failing 3; "
                                  "walpulse-monitor problems lists them"));
  MageRun later(4, 30, "p4");
  apply({later.create(30), later.run(31), later.fail(32)}, 32);
  EXPECT_THAT(pass(60), SizeIs(1));
  EXPECT_THAT(open_subjects(), ElementsAre("failing p1", "failing p2", "failing p3", "failing p4"));
}

/// A replay or a snapshot beside the capture fills in what the first look would have found.
TEST_P(ProblemWatchTest, WhatWasSoBeforeTheFirstLookIsNoNewsHoweverLateItComes) {
  beat(100);
  EXPECT_THAT(look(), IsEmpty());
  MageRun bad(1, 10), retried(2, 10, "retried");
  apply({bad.create(10), bad.run(11), bad.fail(12), retried.create(10), retried.run(11),
         retried.fail(12)},
        105);
  EXPECT_THAT(pass(130), IsEmpty());
  EXPECT_THAT(open_subjects(), ElementsAre("failing daily", "failing retried"));
  restart();
  apply({retried.run(20), retried.complete(30)}, 135);
  EXPECT_THAT(pass(160), IsEmpty()) << "nobody heard that it began";
  EXPECT_THAT(open_subjects(), ElementsAre("failing daily"));
  EXPECT_EQ(closed_count(), 1u);

  MageRun again(3, 170);
  apply({again.create(170), again.run(171), again.fail(172)}, 172);
  EXPECT_THAT(pass(190), ElementsAre("Failing: daily since=2026-11-20T10:00:12.000000Z "
                                     "failed_in_a_row=2 run=3 "
                                     "last_failed=2026-11-20T10:02:52.000000Z"));
  MageRun good(4, 200);
  apply({good.create(200), good.run(201), good.complete(202)}, 202);
  EXPECT_THAT(pass(220), SizeIs(1));
}

TEST_P(ProblemWatchTest, OfLimitsItIsNewsWhatPassesThemAfterTheFirstLook) {
  rules("[defaults]\nmax_duration = \"20m\"\nfresh_within = \"25m\"");
  beat(1300);
  EXPECT_THAT(look(), IsEmpty());
  MageRun waited(1, 10), ran(2, 10, "ran"), waits(3, 500, "waits"), runs(4, 150, "long");
  apply({waited.create(10), ran.create(10), ran.run(11), waits.create(500), runs.create(150),
         runs.run(151)},
        1305);
  EXPECT_THAT(pass(1320), IsEmpty());
  EXPECT_THAT(open_subjects(), ElementsAre("waiting daily", "too_long ran"));
  EXPECT_THAT(pass(1365), ElementsAre(HasSubstr("Running too long: long ")));
  EXPECT_THAT(pass(1405), ElementsAre(HasSubstr("Waiting to start: waits ")));
}

TEST_P(ProblemWatchTest, ALedgerWhoseFirstLookHasNoTimeTellsAll) {
  write([&](Transaction& in) { in.pins().pin("problems mage", "1"); });  // as earlier builds did
  beat(100);
  EXPECT_THAT(look(), IsEmpty());
  MageRun bad(1, 10);
  apply({bad.create(10), bad.run(11), bad.fail(12)}, 105);
  EXPECT_THAT(pass(130), SizeIs(1));
}

TEST_P(ProblemWatchTest, OfASnapshotTheTimesTellWhichEndWasTheLast) {
  MageRun good(1, 10), bad(2, 20), well(3, 10, "well"), was_bad(4, 5, "well");
  good.row().status = well.row().status = "COMPLETED";
  bad.row().status = was_bad.row().status = "FAILED";
  good.row().completed = well.row().completed = at(100);
  bad.row().completed = at(200);
  was_bad.row().completed = at(50);
  apply({good.read(300), bad.read(300), well.read(300), was_bad.read(300)}, 300);
  beat(310);
  EXPECT_THAT(look(), ElementsAre("problems that were there before walpulse looked: Failing 1; "
                                  "walpulse-monitor problems lists them"));
  EXPECT_THAT(open_subjects(), ElementsAre("failing daily"));
}

TEST_P(ProblemWatchTest, EachSourceHasAFirstLookOfItsOwn) {
  begin();
  MageRun run(1, 10);
  run.row().name = "another";
  apply({run.create(10), run.run(11), run.fail(12)}, 12);
  schema::Heartbeat heartbeat = testing::heartbeat(1, 20);
  heartbeat.name = "another";
  heartbeat.instance = "b";
  apply({message(heartbeat)}, 20);
  beat(20);
  EXPECT_THAT(look(), ElementsAre("problems that were there before walpulse looked: Failing 1; "
                                  "walpulse-monitor problems lists them"));
}

TEST_P(ProblemWatchTest, ASourceThatIsBlindFromTheFirstIsToldAsSuch) {
  schema::Heartbeat heartbeat = testing::heartbeat(++sequence_, 5);
  heartbeat.confirmed_at = {};
  apply({message(heartbeat)}, 5);
  now_ = 5;
  EXPECT_THAT(pass(200, /*heartbeats=*/false),
              ElementsAre("walpulse cannot see: mage since=2026-11-20T10:00:05.000000Z "
                          "reason=\"no heartbeat comes\""));
  MageRun run(1, 210);
  apply({run.create(210), run.run(211), run.fail(212)}, 212);
  now_ = 212;
  beat(220);
  const auto lines = look();
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0].substr(0, 44), "problems that were there before walpulse loo");
}

TEST_P(ProblemWatchTest, WhoDoesNotLeadSaysNothing) {
  begin();
  MageRun run(1, 10);
  apply({run.create(10), run.run(11), run.fail(12)}, 12);
  ASSERT_TRUE(ledger().resign());
  EXPECT_THAT(pass(30), IsEmpty());
  EXPECT_THAT(open_subjects(), IsEmpty());
  ASSERT_TRUE(ledger().lead(1h));
  EXPECT_THAT(pass(60), SizeIs(1));
}

TEST_P(ProblemWatchTest, WhatOthersOpenedMeanwhileIsNotOpenedAgain) {
  begin();
  MageRun run(1, 10);
  apply({run.create(10), run.run(11), run.fail(12)}, 12);
  beat(20);
  ProblemUpdate update;
  Problem theirs;
  theirs.finding.key = {ProblemKind::failing, "mage", "daily", ""};
  theirs.finding.since = theirs.opened = at(12);
  update.changes.opened = {theirs};
  EXPECT_TRUE(*ledger().keep(update));
  EXPECT_EQ(update.changes.opened[0].id, ledger().problems(0)->open[0].id);
  EXPECT_FALSE(*ledger().keep(update)) << "it was compared with what was open before";
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(open_subjects(), ElementsAre("failing daily"));
}

TEST_P(ProblemWatchTest, ASlotWithoutARunIsToldAfterItsTolerance) {
  begin();
  hourly(1, 10);
  EXPECT_THAT(pass(3590), IsEmpty());
  slot_run(1, 1);
  EXPECT_THAT(pass(7190), IsEmpty());
  // 12:00 has no run.
  EXPECT_THAT(pass(7495), IsEmpty());
  EXPECT_THAT(pass(7515),
              ElementsAre("Did not start: p1 since=2026-11-20T12:00:00.000000Z "
                          "trigger=\"every hour\" slot=2026-11-20T12:00:00.000000Z missed=1 "
                          "newest_slot=2026-11-20T12:00:00.000000Z"));
  EXPECT_EQ(age("trigger/overdue", {{"pipeline", "p1"}}, 7515), 315);
  EXPECT_EQ(number("problem/open", {{"kind", "not_started"}, {"severity", "notify"}}), 1);
  // It comes late, and all is well.
  slot_run(1, 2, 600);
  EXPECT_THAT(pass(7820), SizeIs(1));
  EXPECT_THAT(open_subjects(), IsEmpty());
  EXPECT_EQ(number("trigger/missed_count", {{"pipeline", "p1"}}), -1);
}

TEST_P(ProblemWatchTest, MissedSlotsCountOnceWhoeverLeads) {
  begin();
  hourly(1, 10);
  pass(3600 + 10);
  EXPECT_THAT(pass(2 * 3600 + 310), SizeIs(1));
  EXPECT_EQ(number("trigger/missed_count", {{"pipeline", "p1"}}), 1);
  restart();
  EXPECT_THAT(pass(3 * 3600 + 310), IsEmpty()) << "one problem, however many slots";
  EXPECT_EQ(number("trigger/missed_count", {{"pipeline", "p1"}}), 2);
  restart();
  slot_run(1, 4);
  EXPECT_THAT(pass(4 * 3600 + 310), SizeIs(1));
  EXPECT_EQ(number("trigger/missed_count", {{"pipeline", "p1"}}), 3) << "13:00 closed at 14:00";
}

/// The leader reads of a hundred at a time.
TEST_P(ProblemWatchTest, EachOfManyPipelinesAndTriggersIsJudgedByItsOwnRuns) {
  constexpr std::int64_t kPipelines = 230;
  const auto fails = [](std::int64_t id) { return id % 3 == 0; };
  const auto is_late = [](std::int64_t id) { return id % 5 == 0; };
  begin();
  for (std::int64_t id = 1; id <= kPipelines; ++id) hourly(id, 10);
  for (std::int64_t id = 1; id <= kPipelines; ++id) {
    slot_run(id, 1);
    if (!is_late(id)) slot_run(id, 2);
    if (!fails(id)) continue;
    MageRun run(id, 20, "p" + std::to_string(id));
    apply({run.create(7300), run.run(7301), run.fail(7302)}, 7302);
  }
  std::vector<std::string> expected;
  for (std::int64_t id = 1; id <= kPipelines; ++id) {
    if (fails(id)) expected.push_back("failing p" + std::to_string(id));
    if (is_late(id)) expected.push_back("not_started p" + std::to_string(id));
  }
  now_ = 7515;
  beat(now_);
  look();
  EXPECT_THAT(open_subjects(), UnorderedElementsAreArray(expected));
  for (int hour = 3; hour <= 4; ++hour)
    for (std::int64_t id = 1; id <= kPipelines; ++id) slot_run(id, hour);
  now_ = 4 * 3600 + 20;
  beat(now_);
  look();
  const auto missed = [&](std::int64_t id) {
    return number("trigger/missed_count", {{"pipeline", "p" + std::to_string(id)}});
  };
  for (const std::int64_t id : {5, 100, 105, 205, 230}) EXPECT_EQ(missed(id), 1) << id;
  for (const std::int64_t id : {1, 101, 229}) EXPECT_EQ(missed(id), -1) << id;
  restart();  // what was counted is read again, of all triggers at once
  look();
  for (const std::int64_t id : {5, 100, 105, 205, 230}) EXPECT_EQ(missed(id), 1) << id;
}

TEST_P(ProblemWatchTest, SlotsThatAnotherLeaderCountedAreNotCountedAgain) {
  begin();
  ProblemUpdate update;
  update.missed = {{"mage", "p1", 1, 7, 3, kMinusInfinity, at(300)}};
  EXPECT_TRUE(*ledger().keep(update));
  EXPECT_FALSE(*ledger().keep(update)) << "they were told from a mark that has moved";
  EXPECT_EQ(number("trigger/missed_count", {{"pipeline", "p1"}}), 3);
  update.missed = {{"mage", "p1", 1, 7, 2, at(300), at(500)}};
  EXPECT_TRUE(*ledger().keep(update));
  EXPECT_EQ(number("trigger/missed_count", {{"pipeline", "p1"}}), 5);
}

TEST_P(ProblemWatchTest, ACaptureThatIsNoMoreHoldsNothingUp) {
  schema::Heartbeat old = testing::heartbeat(1, 5);
  old.table = "old.pipeline_run";
  old.epoch = kEpoch - 1000;
  old.instance = "b";
  apply({message(old)}, 5);
  begin();
  const double later = 26 * 3600;
  beat(later);
  EXPECT_THAT(look(), IsEmpty());
  MageRun run(1, later + 1);
  apply({run.create(later + 1)}, later + 1);
  EXPECT_THAT(pass(later + 1000), SizeIs(1)) << "it waits, as of the capture that goes on";
  EXPECT_THAT(open_subjects(), ElementsAre("waiting daily"));
}

TEST_P(ProblemWatchTest, OneNameInTwoSchemasIsTwoProblemsAndTheFirstKeepsItsKey) {
  begin();
  const auto end_of_run = [&](const std::string& schema, std::int64_t id, double when,
                              const std::string& status) {
    Change change;
    change.op = schema::Operation::insert;
    change.id = id;
    change.when = when;
    change.status = "RUNNING";
    const ReceivedMessage created = in_schema(schema, message(change));
    change.op = schema::Operation::update;
    change.when = when + 1;
    change.status = status;
    apply({created, in_schema(schema, message(change))}, when + 1);
  };
  end_of_run("public", 1, 10, "FAILED");
  EXPECT_THAT(pass(30), SizeIs(1));
  const auto alone = ledger().problems(10)->open;
  ASSERT_THAT(alone, SizeIs(1));
  EXPECT_EQ(alone[0].finding.key.instance, "");
  end_of_run("staging", 1, 35, "FAILED");
  EXPECT_THAT(pass(60), SizeIs(1)) << "the other one's, and nothing else opens or closes";
  const auto both = ledger().problems(10)->open;
  ASSERT_THAT(both, SizeIs(2));
  EXPECT_EQ(both[0].id, alone[0].id);
  EXPECT_EQ(both[0].finding.key, alone[0].finding.key);
  EXPECT_EQ(both[1].finding.key,
            (ProblemKey{ProblemKind::failing, "mage", "daily", "@staging.pipeline_run"}));
  EXPECT_THAT(both[1].finding.evidence, Contains(Pair("table", "staging.pipeline_run")));
  EXPECT_THAT(both[0].finding.evidence, Contains(Pair("table", "public.pipeline_run")));
  restart();
  end_of_run("staging", 2, 65, "COMPLETED");
  EXPECT_THAT(pass(120), SizeIs(1)) << "one is over, and stays so";
  EXPECT_THAT(open_subjects(), ElementsAre("failing daily"));
  EXPECT_EQ(closed_count(), 1u);
}

TEST_P(ProblemWatchTest, EachSchemaHasASchedulerOfItsOwn) {
  begin();
  MageRun some(1, 10, "some"), other(1, 10, "some");
  apply({some.create(10), some.run(11), some.complete(12)}, 12);
  apply({in_schema("staging", other.create(13)), in_schema("staging", other.run(14))}, 14);
  for (const std::int64_t id : {1, 2, 3}) hourly(id, 20);
  for (const std::int64_t id : {1, 2, 3}) hourly(id, 20, "staging");
  for (const std::int64_t id : {2, 3}) slot_run(id, 1);
  EXPECT_THAT(pass(3600 + 320), SizeIs(2));
  std::vector<ProblemKey> keys;
  const auto known = ledger().problems(0);
  ASSERT_TRUE(known);
  for (const Problem& each : known->open) keys.push_back(each.finding.key);
  const auto not_started = [](const char* pipeline, const char* instance) {
    return ProblemKey{ProblemKind::not_started, "mage", pipeline, instance};
  };
  EXPECT_THAT(keys, UnorderedElementsAre(
                        not_started("p1", "1"), not_started("p1", "1@staging.pipeline_run"),
                        not_started("p2", "2@staging.pipeline_run"),
                        not_started("p3", "3@staging.pipeline_run"),
                        ProblemKey{ProblemKind::scheduler, "mage", "", "@staging.pipeline_run"}));
}

TEST_P(ProblemWatchTest, AnotherTableOfTheSchemaHidesNoRuns) {
  begin();
  hourly(1, 10);
  ReceivedMessage other = [&] {
    TableChange change;
    change.table = "runs_of_others";
    change.when = 20;
    change.id = 900;
    change.columns = {{"pipeline_uuid", "strange"}, {"status", "INITIAL"}};
    return message(change);
  }();
  apply({other}, 20);
  slot_run(1, 1);
  EXPECT_THAT(pass(3600 + 400), IsEmpty());
}

TEST_P(ProblemWatchTest, ADeadSchedulerIsOneProblemAndWhatOutlivesItIsTold) {
  begin();
  for (const std::int64_t id : {1, 2, 3}) hourly(id, 10);
  for (const std::int64_t id : {1, 2, 3}) slot_run(id, 1);
  EXPECT_THAT(pass(7190), IsEmpty());
  EXPECT_THAT(pass(7600),
              ElementsAre("Mage's scheduler starts nothing: mage since=2026-11-20T12:00:00.000000Z "
                          "due=3 missing=3"));
  EXPECT_THAT(open_subjects(), SizeIs(4));
  EXPECT_EQ(number("problem/open", {{"kind", "scheduler"}, {"severity", "page"}}), 1);
  EXPECT_EQ(number("problem/open", {{"kind", "not_started"}, {"severity", "notify"}}), -1);
  // It starts again, but not for the third.
  for (const std::int64_t id : {1, 2}) slot_run(id, 3);
  const auto lines = pass(3 * 3600 + 400);
  EXPECT_THAT(lines, SizeIs(2));
  EXPECT_THAT(open_subjects(), ElementsAre("not_started p3"));
  EXPECT_EQ(lines[0].substr(0, 17), "Did not start: p3");
  EXPECT_EQ(lines[1].substr(0, 39), "Mage's scheduler starts nothing is over");
}

TEST_P(ProblemWatchTest, APausedOrDeletedTriggerIsNotMissed) {
  begin();
  hourly(1, 10);
  hourly(2, 10);
  EXPECT_THAT(pass(3600 + 310), SizeIs(2));
  TableChange pause;
  pause.table = "pipeline_schedule";
  pause.op = schema::Operation::update;
  pause.when = 3920;
  pause.id = 1;
  pause.columns = {{"name", "every hour"},    {"pipeline_uuid", "p1"},
                   {"schedule_type", "TIME"}, {"schedule_interval", "@hourly"},
                   {"status", "INACTIVE"},    {"settings", std::nullopt}};
  TableChange gone;
  gone.table = "pipeline_schedule";
  gone.op = schema::Operation::remove;
  gone.when = 3921;
  gone.id = 2;
  apply({message(pause), message(gone)}, 3921);
  EXPECT_THAT(pass(3960), SizeIs(2));
  EXPECT_THAT(open_subjects(), IsEmpty());
}

TEST_P(ProblemWatchTest, AMonitorThatWasAwayForHoursSaysWhatIsAndNotWhatWas) {
  begin();
  hourly(1, 10);
  EXPECT_THAT(pass(600), IsEmpty());
  watch_.reset();
  // Two and a half hours wait in the subscription: runs on time, one that failed and was made good,
  // one that fails still.
  std::vector<ReceivedMessage> backlog;
  MageRun bad(1, 3000, "good_again"), good(2, 4000, "good_again"), failing(3, 5000, "still_bad");
  now_ = 600 + 9000;
  std::vector<std::string> lines = look();
  for (int minute = 11; minute < 160; ++minute) {
    const double when = minute * 60.0;
    if (minute == 51) apply({bad.create(3000), bad.run(3001), bad.fail(3002)}, now_);
    if (minute == 61) slot_run(1, 1);
    if (minute == 67) apply({good.create(4000), good.run(4001), good.complete(4002)}, now_);
    if (minute == 84) apply({failing.create(5000), failing.run(5001), failing.fail(5002)}, now_);
    if (minute == 121) slot_run(1, 2);
    schema::Heartbeat heartbeat = testing::heartbeat(++sequence_, when);
    heartbeat.confirmed_at = at(when);
    apply({message(heartbeat)}, now_);
    if (minute % 5 == 0) {
      now_ += 5;
      for (std::string& line : look()) lines.push_back(std::move(line));
    }
  }
  EXPECT_THAT(lines, IsEmpty());
  EXPECT_THAT(pass(10'000),
              ElementsAre("Failing: still_bad since=2026-11-20T11:23:22.000000Z failed_in_a_row=1 "
                          "run=3 last_failed=2026-11-20T11:23:22.000000Z"));
}

TEST_P(ProblemWatchTest, AConnectorThatIsAwayIsOneProblemAndNothingElseOpens) {
  begin();
  hourly(1, 10);
  EXPECT_THAT(pass(600), IsEmpty());
  EXPECT_THAT(pass(600 + 9000, /*heartbeats=*/false),
              ElementsAre("walpulse cannot see: mage since=2026-11-20T10:10:00.000000Z "
                          "reason=\"no heartbeat comes\""));
  EXPECT_EQ(number("problem/open", {{"kind", "blind"}, {"severity", "page"}}), 1);
  slot_run(1, 1);
  slot_run(1, 2);
  EXPECT_THAT(pass(9700),
              ElementsAre("walpulse cannot see is over: mage since=2026-11-20T10:10:00.000000Z "
                          "until=2026-11-20T12:40:10.000000Z reason=\"no heartbeat comes\""));
}

TEST_P(ProblemWatchTest, ASlotWhoseRunFailedIsNotMadeGoodUntilOneForItCompletes) {
  hourly(1, 10);
  slot_run(1, 1);
  const auto failed_run = [&](std::int64_t id, int hour, double when) {
    MageRun run(id, when, "p1");
    run.row().schedule = 1;
    run.row().execution = at(hour * 3600.0);
    apply({run.create(when), run.run(when + 1), run.fail(when + 2)}, when + 2);
    return run;
  };
  const auto listed = [&] {
    std::vector<FailedSlot> slots;
    EXPECT_TRUE(ledger().look(
        [&](Transaction& in, const Context& context) { slots = failed_slots(in, context, 10); }));
    return slots;
  };
  failed_run(50, 2, 7205);
  MageRun again = failed_run(51, 2, 7300);
  failed_run(52, 3, 10'805);
  slot_run(1, 4);
  EXPECT_THAT(listed(), ElementsAre(FailedSlot{"mage", "p1", "every hour", at(7200), 51},
                                    FailedSlot{"mage", "p1", "every hour", at(10'800), 52}));
  apply({again.run(15'000), again.complete(15'001)}, 15'001);
  EXPECT_THAT(listed(), ElementsAre(FailedSlot{"mage", "p1", "every hour", at(10'800), 52}));
}

TEST_P(ProblemWatchTest, ACallThatFailedHasNoSlotToBeMadeGood) {
  TableChange called;
  called.table = "pipeline_schedule";
  called.id = 9;
  called.columns = {{"name", "webhook"},
                    {"pipeline_uuid", "p1"},
                    {"schedule_type", "API"},
                    {"status", "ACTIVE"},
                    {"schedule_interval", std::nullopt},
                    {"settings", std::nullopt}};
  apply({message(called)}, 0);
  MageRun run(50, 100, "p1");
  run.row().schedule = 9;
  run.row().execution = at(100);
  apply({run.create(100), run.run(101), run.fail(102)}, 102);
  std::vector<FailedSlot> slots;
  EXPECT_TRUE(ledger().look(
      [&](Transaction& in, const Context& context) { slots = failed_slots(in, context, 10); }));
  EXPECT_THAT(slots, IsEmpty());
}

TEST_P(ProblemWatchTest, OtherRulesTakeEffectWithTheNextLook) {
  begin();
  MageRun run(1, 10);
  apply({run.create(10), run.run(11), run.fail(12)}, 12);
  EXPECT_THAT(pass(30), SizeIs(1));
  rules("[defaults]\nseverity = \"page\"");
  EXPECT_THAT(pass(40), IsEmpty()) << "it is open, and not told again";
  EXPECT_EQ(number("problem/open", {{"kind", "failing"}, {"severity", "page"}}), 1);
  rules("[defaults]\nignore = true");
  EXPECT_THAT(pass(50), SizeIs(1));
  EXPECT_THAT(open_subjects(), IsEmpty());
}

TEST_P(ProblemWatchTest, WaitingAndTooLongAndStaleAsTimeGoesBy) {
  rules("[defaults]\nmax_duration = \"20m\"\nfresh_within = \"30m\"");
  begin();
  MageRun waits(1, 10), runs(2, 10, "long");
  apply({waits.create(10), runs.create(10), runs.run(11)}, 11);
  EXPECT_THAT(pass(905), IsEmpty());
  EXPECT_THAT(pass(915), ElementsAre("Waiting to start: daily since=2026-11-20T10:00:10.000000Z "
                                     "run=1 limit=15m"));
  EXPECT_THAT(pass(1220), ElementsAre("Running too long: long since=2026-11-20T10:00:11.000000Z "
                                      "run=2 limit=20m rule=rules.toml:2"));
  EXPECT_THAT(pass(1830), SizeIs(2));
  EXPECT_THAT(open_subjects(),
              ElementsAre("waiting daily", "too_long long", "stale daily", "stale long"));
  apply({waits.run(1840), waits.complete(1841), runs.complete(1842)}, 1842);
  EXPECT_THAT(pass(1860), SizeIs(4));
  EXPECT_THAT(open_subjects(), IsEmpty());
}

TEST_P(ProblemWatchTest, ManyRunsThatWaitAreOneProblemAndOneLine) {
  begin();
  std::vector<ReceivedMessage> group;
  for (std::int64_t id = 1; id <= 300; ++id) group.push_back(MageRun(id, 10).create(10));
  apply(group, 11);
  EXPECT_THAT(pass(915), ElementsAre("Waiting to start: daily since=2026-11-20T10:00:10.000000Z "
                                     "run=1 runs=300 limit=15m"));
  EXPECT_THAT(open_subjects(), ElementsAre("waiting daily"));
  group.clear();
  for (std::int64_t id = 1; id <= 300; ++id) {
    MageRun run(id, 10);
    group.push_back(run.run(920));
    if (id > 1) group.push_back(run.complete(921));
  }
  apply(group, 921);
  EXPECT_THAT(pass(940), SizeIs(1));
  EXPECT_THAT(open_subjects(), IsEmpty());
}

TEST_P(ProblemWatchTest, ARunIsAbandonedSinceItsTriggerWent) {
  begin();
  MageRun seen(1, 10), read(2, 10, "read");
  apply({seen.create(10), seen.run(11), read.create(10), read.run(12)}, 12);
  EXPECT_THAT(pass(60), IsEmpty());
  seen.row().schedule = read.row().schedule = std::nullopt;
  // Mage goes on writing the row; of the other one a snapshot reads what is left.
  apply({seen.touch(60), seen.touch(70), read.read(70)}, 70);
  const auto lines = pass(90);
  EXPECT_THAT(lines, UnorderedElementsAre(
                         "Abandoned by Mage: daily since=2026-11-20T10:01:00.000000Z run=1",
                         "Abandoned by Mage: read since=2026-11-20T10:00:12.000000Z run=2"));
}

TEST_P(ProblemWatchTest, ARenamedTriggerKeepsItsProblemUnderItsNewName) {
  rules("[defaults]\nper = [\"trigger\"]");
  begin();
  const auto name = [&](std::int64_t id, schema::Operation op, const std::string& text,
                        double when) {
    Trigger trigger{id, text};
    apply({trigger.put(op, when, "INACTIVE")}, when);
  };
  name(7, schema::Operation::insert, "nightly", 6);
  name(8, schema::Operation::insert, "nightly", 7);
  MageRun first(1, 10), other(2, 12);
  other.row().schedule = 8;
  apply({first.create(10), first.run(11), first.fail(12), other.create(12), other.run(13),
         other.complete(14)},
        14);
  EXPECT_THAT(pass(30), SizeIs(1)) << "the success of another trigger of this name says nothing";
  EXPECT_THAT(open_subjects(), ElementsAre("failing daily trigger=nightly"));
  name(7, schema::Operation::update, "by day", 35);
  EXPECT_THAT(pass(60), IsEmpty());
  EXPECT_THAT(open_subjects(), ElementsAre("failing daily trigger=by day"));
  EXPECT_EQ(closed_count(), 0u);
  MageRun again(3, 65);
  apply({again.create(65), again.run(66), again.complete(67)}, 67);
  EXPECT_THAT(pass(90), SizeIs(1));
  EXPECT_THAT(open_subjects(), IsEmpty());
}

TEST_P(ProblemWatchTest, PerPartnerOneProblemStaysOpenWhileAnotherSucceedsInTurns) {
  rules("[defaults]\nper = [\"partner\"]");
  begin();
  std::vector<std::string> lines;
  for (int i = 0; i < 8; ++i) {
    const double when = 20.0 + 20 * i;
    MageRun run(i + 1, when);
    run.row().labels = {{"partner", i % 2 == 0 ? "acme" : "globex"}};
    apply({run.create(when), run.run(when + 1),
           i % 2 == 0 ? run.fail(when + 2) : run.complete(when + 2)},
          when + 2);
    for (std::string& line : pass(when + 15)) lines.push_back(std::move(line));
  }
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].substr(0, 28), "Failing: daily partner=acme ");
  EXPECT_THAT(open_subjects(), ElementsAre("failing daily partner=acme"));
}

TEST_P(ProblemWatchTest, WhatWasGivenUpIsAProblemUntilItIsSentAgain) {
  begin();
  Delivery lost;
  lost.channel = "data";
  lost.state = Delivery::State::given_up;
  lost.ended = lost.created = at(6);
  lost.answer = "HTTP 404";
  write([&](Transaction& in) { lost.id = in.deliveries().save(lost); });
  EXPECT_THAT(pass(20), SizeIs(1));
  EXPECT_THAT(open_subjects(), ElementsAre("undelivered data"));
  restart();
  EXPECT_THAT(pass(40), IsEmpty());
  EXPECT_EQ(ledger().retry(lost.id, at(40), "ana"), Wished::done);
  EXPECT_THAT(pass(60), SizeIs(1));
  EXPECT_THAT(open_subjects(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Storages, ProblemWatchTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
