#include "monitor/watch/mute_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "monitor/storage/ledger_factory.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp kNow{std::chrono::seconds(1'763'676'000)};

class MuteWatchTest : public testing::Test {
 protected:
  MuteWatchTest() { EXPECT_TRUE(ledger_->lead(1h)); }

  Problem open(const std::string& pipeline) {
    Problem problem;
    problem.finding.key = {ProblemKind::failing, "mage", pipeline, ""};
    ProblemUpdate update;
    for (const Problem& each : known()) update.open.push_back(each.id);
    update.changes.opened = {problem};
    EXPECT_TRUE(ledger_->keep(update).value());
    return update.changes.opened.front();
  }
  Problem close(Problem problem) {
    problem.closed = kNow;
    ProblemUpdate update;
    for (const Problem& each : known()) update.open.push_back(each.id);
    update.changes.closed = {problem};
    EXPECT_TRUE(ledger_->keep(update).value());
    return problem;
  }
  std::vector<Problem> known() { return ledger_->problems(0)->open; }
  void mute(const std::string& pattern, std::optional<Timestamp> until) {
    Mute made;
    made.pipeline = pattern;
    made.created_by = "ana";
    made.reason = "vendor is down";
    made.until = until;
    EXPECT_TRUE(ledger_->keep_mute(made));
  }
  ProblemNews look(Timestamp wall, ProblemNews news = {}) {
    EXPECT_TRUE(look_at_mutes(*ledger_, wall, news));
    return news;
  }

  std::unique_ptr<Ledger> ledger_ = make_memory_ledger({});
};

TEST_F(MuteWatchTest, SaysWhichNewsAreMuted) {
  const Problem daily = open("daily_sales");
  const Problem weekly = open("weekly");
  mute("daily_*", kNow + 1h);
  ProblemNews news;
  news.opened = {daily, weekly};
  news = look(kNow, news);
  ASSERT_THAT(news.muted, SizeIs(1));
  EXPECT_EQ(news.muted.at(daily.id), "ana");
  EXPECT_THAT(news.unmuted, IsEmpty());
}

TEST_F(MuteWatchTest, SaysOnceThatOneRanOutWhileItsProblemIsOpen) {
  const Problem daily = open("daily_sales");
  mute("daily_*", kNow + 1h);
  EXPECT_THAT(look(kNow + 59min).unmuted, IsEmpty());
  const ProblemNews news = look(kNow + 1h);
  ASSERT_THAT(news.unmuted, SizeIs(1));
  EXPECT_TRUE(news.unmuted[0].ran_out);
  EXPECT_EQ(news.unmuted[0].of, "daily_*");
  ASSERT_THAT(news.unmuted[0].open, SizeIs(1));
  EXPECT_EQ(news.unmuted[0].open[0].id, daily.id);
  EXPECT_THAT(look(kNow + 2h).unmuted, IsEmpty());
}

TEST_F(MuteWatchTest, SaysNothingOfAProblemThatAnotherMuteStillHolds) {
  open("daily_sales");
  mute("daily_*", kNow + 1h);
  mute("*", kNow + 2h);
  const ProblemNews news = look(kNow + 1h);
  ASSERT_THAT(news.unmuted, SizeIs(1));
  EXPECT_THAT(news.unmuted[0].open, IsEmpty());
}

TEST_F(MuteWatchTest, EndsWithItsProblemWhoseEndIsNotToldEither) {
  const Problem daily = open("daily_sales");
  mute("daily_*", std::nullopt);
  EXPECT_THAT(look(kNow).unmuted, IsEmpty());
  ProblemNews news;
  news.closed = {close(daily)};
  news = look(kNow + 1min, news);
  ASSERT_THAT(news.unmuted, SizeIs(1));
  EXPECT_FALSE(news.unmuted[0].ran_out);
  EXPECT_EQ(news.muted.at(daily.id), "ana");
  // Failing again it is another problem, which nobody knows of yet.
  const Problem again = open("daily_sales");
  news = {};
  news.opened = {again};
  EXPECT_THAT(look(kNow + 2min, news).muted, IsEmpty());
}

TEST_F(MuteWatchTest, EndsNothingWithoutTheLead) {
  mute("daily_*", kNow - 1h);
  ASSERT_TRUE(ledger_->resign());
  EXPECT_THAT(look(kNow).unmuted, IsEmpty());
  EXPECT_THAT(ledger_->problems(0)->mutes, SizeIs(1));
}

}  // namespace
}  // namespace walpulse::monitor
