#include "monitor/messages/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/golden_file.h"
#include "tests/monitor/messages/notices.h"

namespace walpulse::monitor::messages {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

Message sample() {
  Problem over = problem(ProblemKind::too_long, "weekly_crm_sync", at(1, 0), {{"run", "790"}});
  Problem open = failing_once();
  open.id = 12;
  over.id = 13;
  return Notices().opened(open, facts_of_first()).closed(over, at(2, 0)).message(at(2, 5));
}

std::string pretty(const std::string& text) { return json::parse(text).dump(2) + '\n'; }

TEST(Formats, EachReceiverGetsItsOwn) {
  const Message message = sample();
  std::string all = "## Slack, by a webhook\n" + pretty(slack_body(message));
  all += "## Slack, by a bot\n" + pretty(slack_body(message, {"#data", "1503435956.000247"}));
  all += "## Webhook\n" + pretty(webhook_body(message));
  for (const std::string& event : pagerduty_events(message, "ROUTING"))
    all += "## PagerDuty\n" + pretty(event);
  all += "## Mail\nSubject: " + mail_text(message).subject + "\n\n" + mail_text(message).body;
  for (const LogLine& line : log_lines(message))
    all += "## Log\n" + line.severity + ' ' + line.message + '\n' + line.fields + '\n' +
           line.group + '\n';
  expect_file("monitor/messages/golden/formats.txt", all);
}

TEST(Formats, AMessageIsTheSameOutOfItsContent) {
  const Message message = sample();
  const auto read = message_from(to_json(message));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, message);
  for (const char* text :
       {"", "{}", "[]", "null", R"({"at":1})", R"({"at":"","parts":[1],"told":[]})",
        R"({"at":"","parts":[],"told":[{"problem":"x"}]})"})
    EXPECT_FALSE(message_from(text)) << text;
  EXPECT_FALSE(message_from(std::string(5 << 20, ' ')));
}

TEST(Formats, ASignOfANewerVersionIsAWarning) {
  const auto read = message_from(
      R"({"at":"2026-11-28T00:00:00Z","parts":[{"sign":"sparkles","headline":["x"],"lines":[],)"
      R"("links":[]}],"told":[{"problem":1,"over":false,"kind":"new","severity":"new","source":"",)"
      R"("subject":"","incident":"i"}]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->parts[0].mood, Mood::warning);
  EXPECT_EQ(read->told[0].severity, Severity::notify);
}

TEST(Slack, ANameIsNoMentionNoLinkAndNoMarkup) {
  EXPECT_EQ(slack_escaped("<!channel> & <https://evil|x>"),
            "&lt;!channel&gt; &amp; &lt;https://evil|x&gt;");
  EXPECT_EQ(slack_escaped("daily_sales"), "daily_sales");
  EXPECT_EQ(slack_escaped("a*b_c~d"), "a*b_c~d");
  EXPECT_EQ(slack_escaped("*bold*"), "\u2060*\u2060bold\u2060*\u2060");
  EXPECT_EQ(slack_escaped("`code`"), "'code'");
  EXPECT_EQ(slack_escaped("@here a@b.c #ops"), "@\u2060here a@b.c #\u2060ops");
}

TEST(Slack, AnAddressEndsWhereItEnds) {
  Message message;
  message.parts.push_back({Mood::red,
                           Text().say("x").take(),
                           {},
                           {{"Run<", "https://e.com/a|b><!here>&c d"},
                            {"Too long", "https://e.com/" + std::string(5'000, 'x')}}});
  const json body = json::parse(slack_body(message));
  EXPECT_EQ(body["blocks"][0]["text"]["text"],
            ":red_circle: x\n<https://e.com/a%7Cb%3E%3C!here%3E&amp;c%20d|Run&lt;>");
}

TEST(Slack, TheLargestMessageIsWithinItsLimits) {
  Notices notices;
  const std::string hostile(10'000, '&');
  for (int number = 0; number < 200; ++number) {
    Facts facts = facts_of_first();
    facts.block = facts.error = facts.trigger = hostile;
    notices.opened(problem(ProblemKind::failing, hostile + std::to_string(number),
                           at(0, 0) + minutes(20 * number),
                           {{"label.partner", hostile}, {"runbook", "https://e.com/" + hostile}}),
                   facts);
  }
  const json body = json::parse(slack_body(notices.message(at(72, 0))));
  EXPECT_LE(body["blocks"].size(), 50u);
  for (const json& block : body["blocks"]) {
    const std::string text = block["text"]["text"];
    EXPECT_LE(text.size(), 3'000u);
    EXPECT_THAT(text, Not(HasSubstr("<!")));
  }
  EXPECT_LE(body["text"].get<std::string>().size(), 4'000u);
}

TEST(PagerDuty, EachProblemIsAnIncidentOfItsOwn) {
  const auto events = pagerduty_events(sample(), "KEY");
  ASSERT_THAT(events, SizeIs(2));
  const json trigger = json::parse(events[0]), resolve = json::parse(events[1]);
  EXPECT_EQ(trigger["event_action"], "trigger");
  EXPECT_EQ(trigger["dedup_key"], "walpulse/mage-db/failing/daily_sales partner=acme/");
  EXPECT_EQ(resolve["event_action"], "resolve");
  EXPECT_FALSE(resolve.contains("payload"));
}

TEST(Mail, WithoutPartsThereIsNothing) { EXPECT_TRUE(mail_text({}).body.empty()); }

}  // namespace
}  // namespace walpulse::monitor::messages
