#include "monitor/command/deliveries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNoon{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + 12h};

std::vector<Delivery> some() {
  Delivery waits;
  waits.id = 3;
  waits.channel = "data";
  waits.subject = "#data";
  waits.key = "k";
  waits.content = R"({"secret":"row"})";
  waits.of = "problems 12, 13";
  waits.created = kNoon;
  waits.due = kNoon + 5s;
  waits.attempts = 1;
  waits.answer = "HTTP 503\nbusy";
  Delivery lost = waits;
  lost.id = 2;
  lost.kind = Delivery::Kind::call;
  lost.state = Delivery::State::given_up;
  lost.of = "run mage:812 COMPLETED";
  lost.ended = kNoon + 24h;
  lost.repeated = kNoon;
  lost.attempts = 212;
  lost.answer = "";
  return {waits, lost};
}

TEST(DeliveriesCommand, ListsWhatWasToldAndWhatCameOfIt) {
  EXPECT_EQ(deliveries_text(some()),
            "3  data  message, waits until 2026-11-28 12:00:05 UTC, made 2026-11-28 12:00:00 UTC, "
            "1 attempt: problems 12, 13\n"
            "    HTTP 503 busy\n"
            "2  data  call, given up 2026-11-29 12:00:00 UTC, made 2026-11-28 12:00:00 UTC, "
            "212 attempts: run mage:812 COMPLETED\n");
}

TEST(DeliveriesCommand, PrintsALineForEachWithoutItsContent) {
  auto deliveries = some();
  deliveries[1].answer = "a\n\"b\" \xFF";
  const std::string lines = deliveries_json(deliveries);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_EQ(lines.find("secret"), std::string::npos);
  const auto first = nlohmann::json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(first["state"], "waiting");
  EXPECT_EQ(first["due"], "2026-11-28T12:00:05.000000Z");
  EXPECT_FALSE(first.contains("ended"));
  const auto second = nlohmann::json::parse(lines.substr(lines.find('\n') + 1));
  EXPECT_EQ(second["kind"], "call");
  EXPECT_EQ(second["answer"], "a\n\"b\" \xEF\xBF\xBD");
  EXPECT_FALSE(second.contains("due"));
}

}  // namespace
}  // namespace walpulse::monitor
