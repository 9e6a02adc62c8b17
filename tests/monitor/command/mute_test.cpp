#include "monitor/command/mute.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNoon{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + 12h};

std::vector<Mute> some() {
  Mute pattern{3,
               "mage",
               "daily_*",
               {{"partner", "acme"}},
               std::nullopt,
               "vendor is down",
               "ana",
               kNoon,
               kNoon + 2h,
               std::nullopt,
               ""};
  Mute problem{2, "mage", "", {}, 12, "ticket 4711", "bob", kNoon, std::nullopt, std::nullopt, ""};
  Mute over{1, "", "*", {}, std::nullopt, "move", "ana", kNoon - 2h, kNoon, kNoon - 1h, "bob"};
  return {pattern, problem, over};
}

TEST(MuteCommand, ListsWhatIsMutedUntilWhenByWhomAndWhy) {
  EXPECT_EQ(mutes_text(some(), kNoon),
            "3  daily_* partner=acme (mage), until 2026-11-28 14:00:00 UTC  ana: vendor is down\n"
            "2  problem 12, until it is over  bob: ticket 4711\n"
            "1  *, over since 2026-11-28 11:00:00 UTC (bob)  ana: move\n");
}

TEST(MuteCommand, PrintsALineForEachWhateverIsInIt) {
  auto mutes = some();
  mutes[0].reason = "a\n\"b\" \xFF";
  const std::string lines = mutes_json(mutes);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
  const auto first = nlohmann::json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(first["reason"], "a\n\"b\" \xEF\xBF\xBD");
  EXPECT_EQ(first["until"], "2026-11-28T14:00:00.000000Z");
  EXPECT_EQ(first["labels"]["partner"], "acme");
}

}  // namespace
}  // namespace walpulse::monitor
