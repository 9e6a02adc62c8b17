#include "monitor/rules/expectations.h"

#include <gmock/gmock.h>

#include "tests/monitor/rules/reading.h"

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> lines_of(const std::string& text) {
  const Rules rules = rules_of(text);
  std::vector<std::string> lines;
  for (const Disappointment& each : disappointments(rules))
    lines.push_back(to_string(mistake_of(rules, each)));
  return lines;
}

constexpr const char* kRules = R"([[pipeline]]
match = "fin_*"
label.partner = "acme"
severity = "page"
max_duration = "120m"
done_by = ["Mon-Fri 07:00"]
expect_each.partner = ["acme"]
team = "finance"
)";

TEST(Expectations, HoldWhereTheRulesSayTheSame) {
  EXPECT_THAT(lines_of(std::string(kRules) + R"(
[[expect]]
pipeline = "fin_gl"
label.partner = "acme"
severity = "page"
max_duration = "2h"
done_by = "Mon,Tue-Fri 07:00"
expect_each.partner = "acme"
team = "finance"
owner = "off"
waiting = "15m"
[[expect]]
pipeline = "fin_gl"
severity = "notify"
expect_each = "off"
)"),
              IsEmpty());
}

TEST(Expectations, SayWhatWasGotAndFromWhere) {
  EXPECT_THAT(lines_of(std::string(kRules) + R"(
[[expect]]
pipeline = "fin_gl"
source = "mage"
trigger = "nightly"
label.partner = "acme"
severity = "notify"
done_by = "Mon-Fri 07:01"
expect_each.partner = ["acme", "globex"]
expect_each.region = "eu"
fail_after = 2
[[expect]]
pipeline = "fin_gl"
label.partner = "acme"
expect_each = "off"
)"),
              ElementsAre("rules.toml:15: [[expect]] 'fin_gl': severity is page (rules.toml:4), "
                          "expected notify",
                          "rules.toml:16: [[expect]] 'fin_gl': done_by is Mon-Fri 07:00 "
                          "(rules.toml:6), expected Mon-Fri 07:01",
                          "rules.toml:17: [[expect]] 'fin_gl': expect_each.partner is acme "
                          "(rules.toml:7), expected acme, globex",
                          "rules.toml:18: [[expect]] 'fin_gl': expect_each.region is off "
                          "(default), expected eu",
                          "rules.toml:19: [[expect]] 'fin_gl': fail_after is 1 (default), "
                          "expected 2",
                          "rules.toml:23: [[expect]] 'fin_gl': expect_each is acme (rules.toml:7), "
                          "expected off"));
}

TEST(Expectations, SayWhoIsTold) {
  EXPECT_THAT(
      lines_of(R"([channel.a]
type = "log"
[channel.b]
type = "log"
[[notify]]
severity = "page"
to = ["b", "a"]
[[notify]]
when = "stale"
to = "b"
[[pipeline]]
match = "fin"
severity = "page"
[[expect]]
pipeline = "fin"
to = ["a", "b"]
[[expect]]
pipeline = "hr"
to = "off"
[[expect]]
pipeline = "hr"
when = "stale"
to = "a"
[[expect]]
pipeline = "fin"
to = "off"
)"),
      ElementsAre("rules.toml:23: [[expect]] 'hr': to is b (rules.toml:8), expected a",
                  "rules.toml:26: [[expect]] 'fin': to is a, b (rules.toml:5), expected off"));
}

}  // namespace
}  // namespace walpulse::rules
