#include "connector/progress/progress_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ProgressReport::Clock::time_point kStart{1h};

struct Told {
  std::vector<std::string> drawn;
  std::vector<std::string> logged;

  ProgressReport::Outlet outlet(bool terminal) {
    return {.terminal = terminal,
            .columns = 80,
            .draw = [this](const std::string& line) { drawn.push_back(line); },
            .log = [this](const std::string& line) { logged.push_back(line); }};
  }
};

WorkProgress at(std::uint64_t done) {
  return {.done = done, .total = 1'000, .count = done * 2, .where = "0/1234"};
}

TEST(ProgressReport, OnATerminalDrawsAtMostFiveTimesASecond) {
  Told told;
  ProgressReport report("replay", "events", told.outlet(true), kStart);
  for (std::uint64_t ms = 1; ms <= 1'000; ++ms) {
    report.update(at(ms), kStart + std::chrono::milliseconds(ms));
  }
  EXPECT_EQ(told.drawn.size(), 5u);
  EXPECT_EQ(told.drawn.back(),
            "replay [####################] 100%  2,000 events  2,000/s  ETA 0:00");
  EXPECT_THAT(told.logged, IsEmpty());
}

TEST(ProgressReport, ElsewhereLogsEveryTenSeconds) {
  Told told;
  ProgressReport report("replay", "events", told.outlet(false), kStart);
  for (std::uint64_t second = 1; second <= 25; ++second) {
    report.update(at(second * 10), kStart + std::chrono::seconds(second));
  }
  EXPECT_THAT(told.logged,
              ElementsAre("replay goes on percent=10 events=200 rate=20 left_seconds=90 "
                          "position=0/1234",
                          "replay goes on percent=20 events=400 rate=20 left_seconds=80 "
                          "position=0/1234"));
  EXPECT_THAT(told.drawn, IsEmpty());
}

TEST(ProgressReport, LeavesNothingOfTheLineBehind) {
  Told told;
  {
    ProgressReport report("replay", "events", told.outlet(true), kStart);
    report.update(at(1), kStart + 1s);
  }
  EXPECT_EQ(told.drawn.size(), 2u);
  EXPECT_EQ(told.drawn.back(), "");
}

TEST(ProgressReport, ShortWorkIsNotToldOf) {
  Told told;
  { ProgressReport report("replay", "events", told.outlet(true), kStart); }
  EXPECT_THAT(told.drawn, IsEmpty());
}

}  // namespace
}  // namespace walpulse::connector
