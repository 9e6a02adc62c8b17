#include "monitor/rules/after.h"

#include <gmock/gmock.h>

#include "tests/monitor/rules/reading.h"

namespace walpulse::rules {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kAfterRules = R"(
[channel.dbt]
type = "webhook"
url = "https://example.com/"
[[pipeline]]
team = "data"
[[after]]
match = "sync_{system}"
is = ["completed", "sla_missed"]
call = "dbt"
label.partner = ["acme", "globex"]
body = '{"system": "{system}", "partner": "{partner}", "run": "{run}", "team": "{team}", "gone": "{region}"}'
not_older_than = "off"
at_most = "20 per minute"
[[after]]
is = "failed"
call = "dbt"
)";

Subject sync(const std::string& partner) {
  return {"sync_sap", "mage", "nightly", {{"partner", partner}}};
}

TEST(After, IsChosenByPipelineEndAndLabels) {
  const Rules rules = rules_of(kAfterRules);
  EXPECT_THAT(afters_of(rules, sync("acme"), "COMPLETED"), ElementsAre(&rules.afters[0]));
  EXPECT_THAT(afters_of(rules, sync("acme"), "sla_missed"), ElementsAre(&rules.afters[0]));
  EXPECT_THAT(afters_of(rules, sync("initech"), "COMPLETED"), IsEmpty());
  EXPECT_THAT(afters_of(rules, sync("acme"), "FAILED"), ElementsAre(&rules.afters[1]));
  EXPECT_THAT(afters_of(rules, {"other", {}, {}, {}}, "COMPLETED"), IsEmpty());
}

TEST(After, HasItsLimits) {
  const Rules rules = rules_of(kAfterRules);
  EXPECT_FALSE(rules.afters[0].not_older_than);
  EXPECT_EQ(rules.afters[0].at_most, (Rate{20, 1min}));
  EXPECT_EQ(rules.afters[1].not_older_than, 1h);
  EXPECT_EQ(to_string(*rules.afters[1].at_most), "100 per hour");
}

RunEnd an_end() {
  RunEnd end;
  end.run = 812;
  end.status = "COMPLETED";
  end.ended = parse_timestamp("2026-11-28T02:04:17Z").value();
  end.trigger = 7;
  end.seconds = 252.5;
  end.key = "k";
  return end;
}

TEST(After, ItsBodyIsFilledWithTheRun) {
  const Rules rules = rules_of(kAfterRules);
  const AfterRule& after = rules.afters[0];
  EXPECT_EQ(after.body.render(values_of(rules, after, sync("acme"), an_end())),
            R"({"gone":null,"partner":"acme","run":812,"system":"sap","team":"data"})");
  const AfterRule& plain = rules.afters[1];
  EXPECT_EQ(
      plain.body.render(values_of(rules, plain, sync("acme"), an_end())),
      R"({"ended_at":"2026-11-28T02:04:17.000000Z","key":"k","labels":{"partner":"acme"},"nth":1,)"
      R"("pipeline":"sync_sap","run":812,"seconds":252.5,"source":"mage","status":"COMPLETED",)"
      R"("trigger":"nightly","trigger_id":7})");
}

TEST(After, ALabelTakesNoOtherNamesPlace) {
  const Rules rules = rules_of(kAfterRules);
  const Subject hostile{
      "sync_sap", "mage", {}, {{"run", "x"}, {"system", "y"}, {"partner", "acme"}}};
  const BodyValues values = values_of(rules, rules.afters[0], hostile, an_end());
  EXPECT_EQ(values.at("run"), BodyValue(std::int64_t{812}));
  EXPECT_EQ(values.at("system"), BodyValue("sap"));
  EXPECT_EQ(values.at("label.run"), BodyValue("x"));
}

TEST(After, ALoopIsSeenWhereTheFileShowsIt) {
  const auto mistakes = [](const std::string& tables) {
    return mistakes_in("[channel.m]\ntype = 'webhook'\nurl_env = 'X'\n" + tables);
  };
  const auto table = [](const std::string& match, const std::string& starts,
                        const std::string& more = "") {
    return "[[after]]\nmatch = " + match + "\nis = 'completed'\ncall = 'm'\nstarts = '" + starts +
           "'\n" + more;
  };
  EXPECT_THAT(mistakes(table("'a_*'", "a_x")), SizeIs(1));
  EXPECT_THAT(mistakes(table("['a_*', '!a_x']", "a_x")), IsEmpty());
  EXPECT_THAT(mistakes(table("'a_*'", "a_x", "trigger = 'nightly'\n")), IsEmpty())
      << "a call makes a run of another trigger";
  EXPECT_THAT(mistakes(table("'a'", "b") + table("'b'", "c")), IsEmpty());
  EXPECT_THAT(mistakes(table("'a'", "b") + table("'b'", "c") + table("'c'", "a")), SizeIs(3));
  std::string chain;
  for (int i = 0; i < 300; ++i) {
    chain += table("'p" + std::to_string(i) + "'", "p" + std::to_string(i + 1));
  }
  EXPECT_THAT(mistakes(chain), IsEmpty());
}

}  // namespace
}  // namespace walpulse::rules
