#include "monitor/rules/routes.h"

#include <gmock/gmock.h>

#include "tests/monitor/rules/reading.h"

namespace walpulse::rules {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kChannels = R"(
[channel.oncall]
type = "pagerduty"
token_env = "PD"
[channel.data]
type = "slack"
token_env = "SLACK"
channel = "#data-{team}"
[channel.mail]
type = "mail"
smtp = "smtp.example.com"
from = "walpulse@example.com"
to = ["{owner}", "data@example.com"]
[[pipeline]]
match = "fin_*"
team = "Finance"
owner = "fin@example.com"
)";

/// "oncall, data #data-finance": where it is told.
std::string told(const Rules& rules, const Subject& subject, Severity severity,
                 const std::string& kind = "failing") {
  std::string text;
  for (const Route& route : routes_of(rules, subject, policy_of(rules, subject), severity, kind)) {
    text += (text.empty() ? "" : "; ") + route.channel +
            (route.target.empty() ? "" : " " + route.target);
  }
  return text;
}

std::string told(const std::string& notify, const std::string& pipeline,
                 Severity severity = Severity::notify, const std::string& kind = "failing") {
  return told(rules_of(kChannels + notify), {pipeline, {}, {}, {}}, severity, kind);
}

const Timestamp kNoon = Timestamp(std::chrono::hours(24 * 20'000 + 12));  // 2024-10-04, a Friday

TEST(MessageDue, TheFirstMessageWaitsForWhatComesWithIt) {
  EXPECT_EQ(message_due({15s, 10min, {}, {}}, {}, kNoon, std::nullopt), kNoon + 15s);
  EXPECT_EQ(message_due({0s, 10min, {}, {}}, {}, kNoon, std::nullopt), kNoon);
}

TEST(MessageDue, TheNextComesNoSoonerThanItMay) {
  EXPECT_EQ(message_due({15s, 10min, {}, {}}, {}, kNoon, kNoon - 1min), kNoon + 9min);
  EXPECT_EQ(message_due({15s, 10min, {}, {}}, {}, kNoon, kNoon - 1h), kNoon + 15s);
  EXPECT_EQ(message_due({15s, 0s, {}, {}}, {}, kNoon, kNoon), kNoon + 15s);
}

TEST(MessageDue, OutsideTheHoursItWaitsForThem) {
  const Pace pace{15s, 10min, {}, WeeklyHours::read({"Mon-Fri 08:00-12:00"}).value()};
  EXPECT_EQ(message_due(pace, {}, kNoon - 15s, std::nullopt), kNoon + (24h * 3 - 4h));
  EXPECT_EQ(message_due(pace, {}, kNoon - 1min, std::nullopt), kNoon - 45s);
  EXPECT_EQ(message_due(pace, {}, kNoon - 1min, kNoon - 2min), kNoon + (24h * 3 - 4h));
}

TEST(Routes, OneChannelAloneIsToldOfEverything) {
  const Rules rules = rules_of("[channel.data]\ntype = 'slack'\nurl_env = 'X'\n");
  const Subject subject{"a", {}, {}, {}};
  const auto routes = routes_of(rules, subject, Policy(), Severity::page, "blind");
  ASSERT_THAT(routes, SizeIs(1));
  EXPECT_EQ(routes[0].channel, "data");
  EXPECT_EQ(routes[0].first, 15s);
  EXPECT_EQ(routes[0].then, 10min);
  EXPECT_EQ(routes[0].repeat, 24h);
  EXPECT_EQ(to_string(rules, routes[0].place), "rules.toml:1");
  EXPECT_EQ(told(rules, subject, Severity::record), "");
  EXPECT_EQ(told(rules_of(""), subject, Severity::page), "");
}

TEST(Routes, AChannelThatIsCalledIsNotTold) {
  const Rules rules = rules_of(R"(
[channel.data]
type = "log"
[channel.dbt]
type = "webhook"
url = "https://example.com/"
[[after]]
match = "a"
is = "completed"
call = "dbt"
)");
  EXPECT_EQ(told(rules, {"a", {}, {}, {}}, Severity::notify), "data");
}

TEST(Routes, EveryTableThatMatchesTellsElseTheOthers) {
  const std::string notify = R"(
[[notify]]
severity = ["page"]
to = ["oncall", "data"]
[[notify]]
when = ["stale", "not_done"]
match = "fin_*"
to = "mail"
[[notify]]
otherwise = true
to = "data"
)";
  EXPECT_EQ(told(notify, "fin_gl", Severity::page), "oncall; data #data-finance");
  EXPECT_EQ(told(notify, "fin_gl", Severity::page, "stale"),
            "oncall; data #data-finance; mail fin@example.com, data@example.com");
  EXPECT_EQ(told(notify, "fin_gl", Severity::notify, "stale"),
            "mail fin@example.com, data@example.com");
  EXPECT_EQ(told(notify, "hr"), "data #data");
  EXPECT_EQ(told(notify, ""), "data #data") << "a source as a whole";
  EXPECT_EQ(told(notify, "hr", Severity::record), "");
}

TEST(Routes, AreChosenByTeamAndLabel) {
  const std::string notify = R"(
[[notify]]
team = ["Fin*", "!Finish"]
to = "oncall"
[[notify]]
label.partner = "acme"
to = "data"
)";
  EXPECT_EQ(told(notify, "fin_gl"), "oncall");
  EXPECT_EQ(told(notify, "hr"), "") << "it has no team";
  const Rules rules = rules_of(kChannels + notify);
  EXPECT_EQ(told(rules, {"hr", {}, {}, {{"partner", "acme"}}}, Severity::notify), "data #data");
}

TEST(Routes, TargetsTakeCapturesAndLabels) {
  const auto target = [](const std::string& channel, const Subject& subject) {
    return told(rules_of("[channel.data]\ntype='slack'\ntoken_env='X'\nchannel='" + channel +
                         "'\n[[notify]]\nmatch='ing_{system}_*'\nto='data'\n"),
                subject, Severity::notify);
  };
  const Subject subject{"ing_SAP_x", "mage", "nightly", {{"partner", "Acme Inc."}, {"team", "z"}}};
  EXPECT_EQ(target("#p-{system}", subject), "data #p-sap");
  EXPECT_EQ(target("#p-{partner}", subject), "data #p-acme-inc");
  EXPECT_EQ(target("#p-{label.partner}", subject), "data #p-acme-inc");
  EXPECT_EQ(target("#p-{label.team}", subject), "data #p-z");
  EXPECT_EQ(target("#p-{team}", subject), "data #p") << "the rules' team, of which there is none";
  EXPECT_EQ(target("#p-{pipeline}-{source}-{trigger}", subject), "data #p-ing_sap_x-mage-nightly");
  EXPECT_EQ(target("#p-{region}", subject), "data #p");
}

TEST(Routes, AChannelHasTheMostUrgentPaceOfItsTables) {
  const Rules rules = rules_of(R"(
[channel.data]
type = "log"
[[notify]]
to = "data"
hours = "Mon-Fri 08:00-18:00"
first = "5m"
repeat = "off"
[[notify]]
to = "data"
hours = "Sat 10:00-12:00"
then = "1m"
repeat = "4h"
[[notify]]
match = "now"
to = "data"
first = "off"
then = "0s"
)");
  const auto route = [&](const std::string& pipeline, Severity severity) {
    const auto routes = routes_of(rules, {pipeline, {}, {}, {}}, Policy(), severity, "failing");
    EXPECT_THAT(routes, SizeIs(1));
    return routes.at(0);
  };
  const Route held = route("a", Severity::notify);
  EXPECT_EQ(held.first, 15s);
  EXPECT_EQ(held.then, 1min);
  EXPECT_EQ(held.repeat, 4h);
  ASSERT_TRUE(held.hours);
  EXPECT_THAT(held.hours->spans(), SizeIs(6));
  EXPECT_FALSE(route("a", Severity::page).hours) << "who is to be woken is told now";
  EXPECT_FALSE(route("now", Severity::notify).hours);
  EXPECT_EQ(route("now", Severity::notify).first, 0s);
  EXPECT_EQ(route("now", Severity::notify).then, 0s);
}

TEST(Quiet, HoldsForItsHoursAndSaysUntilWhen) {
  const Rules rules = rules_of(R"(
time_zone = "Europe/Lisbon"
[[quiet]]
match = "gl_*"
every = "Sun 02:00-04:00"
reason = "CHG-1201"
[[quiet]]
until = "2026-07-05 03:30"
from = "2026-07-05 01:00"
reason = "the move"
)");
  const auto at = [](const std::string& text) { return parse_timestamp(text).value(); };
  const Subject gl{"gl_x", {}, {}, {}};
  const auto both = quiet_at(rules, gl, at("2026-07-05T01:30:00Z"));  // 02:30 in Lisbon
  ASSERT_TRUE(both);
  EXPECT_EQ(both->reason, "CHG-1201");
  EXPECT_EQ(both->until, at("2026-07-05T03:00:00Z"));
  const auto other = quiet_at(rules, {"hr", {}, {}, {}}, at("2026-07-05T01:30:00Z"));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->reason, "the move");
  EXPECT_EQ(other->until, at("2026-07-05T02:30:00Z"));
  EXPECT_EQ(to_string(rules, other->place), "rules.toml:7");
  EXPECT_FALSE(quiet_at(rules, {"hr", {}, {}, {}}, at("2026-07-05T02:30:00Z")));
  EXPECT_FALSE(quiet_at(rules, gl, at("2026-07-06T01:30:00Z")));
  EXPECT_TRUE(quiet_at(rules, gl, at("2026-07-12T01:30:00Z"))) << "every week";
}

}  // namespace
}  // namespace walpulse::rules
