#include "monitor/reading/ends_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::reading {
namespace {

using testing::at;

constexpr double kDay = 86'400;

/// The ends as a ledger has them.
class EndsWindowTest : public ::testing::Test {
 protected:
  void end(std::int64_t run, double when, bool completed = true) {
    ends_[run] = {at(when), {1, run}, "daily", completed ? "COMPLETED" : "FAILED", 1.0, {}, ""};
    active_.erase(std::remove(active_.begin(), active_.end(), RunKey{1, run}), active_.end());
  }
  void retry(std::int64_t run) {
    ends_.erase(run);
    active_.push_back({1, run});
  }
  std::vector<RunEnd> before(const EndsBefore& mark, std::size_t count_max) {
    std::vector<RunEnd> found;
    for (const auto& [run, end] : ends_)
      if (std::pair(end.ended, end.key) < std::pair(mark.ended, mark.key)) found.push_back(end);
    std::ranges::sort(found, std::ranges::greater{},
                      [](const RunEnd& end) { return std::pair(end.ended, end.key); });
    if (found.size() > count_max) found.resize(count_max);
    return found;
  }
  void follow() {
    window_.follow(
        before({}, 5),
        [this](const EndsBefore& mark) {
          ++reads_;
          return before(mark, 7);
        },
        active_);
  }
  /// By counting all of them.
  EndTally truth(double now) const {
    EndTally tally;
    for (const auto& [run, end] : ends_) {
      if (end.ended < at(now) - EndsWindow::kLength) continue;
      ++tally.ended;
      if (end.status == "COMPLETED") ++tally.completed;
      tally.first = std::min(tally.first.value_or(end.ended), end.ended);
    }
    return tally;
  }

  std::map<std::int64_t, RunEnd> ends_;
  std::vector<RunKey> active_;
  EndsWindow window_;
  int reads_ = 0;
};

TEST_F(EndsWindowTest, IsEmptyWhereNothingEnded) {
  EXPECT_EQ(window_.tally(at(0)), EndTally{});
  follow();
  EXPECT_EQ(window_.tally(at(0)), EndTally{});
  EXPECT_EQ(window_.next_change(at(0)), kInfinity);
}

TEST_F(EndsWindowTest, CountsWhatEndedWithinSevenDays) {
  for (int i = 0; i < 20; ++i) end(i, i * kDay, i % 3 != 0);
  follow();
  const EndTally tally = window_.tally(at(19 * kDay));
  EXPECT_EQ(tally.ended, 8U);
  EXPECT_EQ(tally, truth(19 * kDay));
  EXPECT_GT(window_.next_change(at(19 * kDay)), at(19 * kDay));
  EXPECT_EQ(window_.tally(window_.next_change(at(19 * kDay))).ended, 7U);
}

TEST_F(EndsWindowTest, ReadsNoMoreThanIsNew) {
  for (int i = 0; i < 100; ++i) end(i, i);
  follow();
  reads_ = 0;
  end(100, 100);
  follow();
  EXPECT_EQ(reads_, 0);
  EXPECT_EQ(window_.tally(at(100)).ended, 101U);
}

TEST_F(EndsWindowTest, LosesARunThatIsRetriedUntilItEndsAgain) {
  for (int i = 0; i < 30; ++i) end(i, i, i != 3);
  follow();
  EXPECT_EQ(window_.tally(at(30)).completed, 29U);
  retry(3);
  follow();
  EXPECT_EQ(window_.tally(at(30)).ended, 29U);
  end(3, 31);
  follow();
  EXPECT_EQ(window_.tally(at(31)), truth(31));
}

TEST_F(EndsWindowTest, IsAsIfAllWereCounted) {
  std::mt19937 random(7);
  double now = 0;
  std::int64_t next = 0;
  for (int round = 0; round < 300; ++round) {
    for (auto count = random() % 12; count > 0; --count) {
      now += static_cast<double>(random() % 20'000);
      if (random() % 4 == 0 && next > 0) {
        const auto run = static_cast<std::int64_t>(random()) % next;
        if (ends_.contains(run)) retry(run);
        if (random() % 2 == 0) end(run, now, random() % 2 == 0);
      } else {
        end(next++, now, random() % 2 == 0);
      }
    }
    follow();
    ASSERT_EQ(window_.tally(at(now)), truth(now)) << round;
  }
}

}  // namespace
}  // namespace walpulse::monitor::reading
