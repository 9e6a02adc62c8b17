#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/monitor/api/api_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = Delivery::State;

const std::string kRules = R"(
[channel.data]
type = "slack"
token_env = "SLACK"
channel = "#data-{team}"
[channel.oncall]
type = "pagerduty"
token_env = "PD"
[[pipeline]]
match = "sales"
team = "finance"
[[pipeline]]
match = "quietly"
severity = "record"
[[notify]]
when = ["failing"]
to = ["data", "oncall"]
first = "5m"
[[notify]]
otherwise = true
to = "data"
hours = "Mon-Fri 08:00-18:00"
)";

class Channels : public ApiTest {
 protected:
  std::int64_t deliver(const std::string& channel, State state, double created,
                       std::optional<double> ended = std::nullopt, const std::string& answer = "",
                       const std::string& subject = "") {
    Delivery made;
    made.channel = channel;
    made.subject = subject;
    made.content = R"({"secret": 1})";
    made.of = "problem 1";
    made.state = state;
    made.created = at(created);
    made.due = at(created + 60);
    made.attempts = 3;
    made.answer = answer;
    if (ended) made.ended = at(*ended);
    std::int64_t id = 0;
    write([&](Transaction& in) {
      in.claim(Claim::deliveries);
      id = in.deliveries().save(made);
    });
    return id;
  }
  /// A problem that began under the eyes of the leader, told to whom the rules say.
  nlohmann::json failed(const std::string& pipeline = "sales") {
    run(1, 10, 20, "COMPLETED", pipeline);
    beat(30);
    run(2, 100, 110, "FAILED", pipeline);
    beat(120);
    return get("/problems")["items"].at(0);
  }
  /// What was collected for a channel is a message.
  std::int64_t tell(const std::string& channel, State state, std::optional<double> ended) {
    const std::int64_t id = deliver(channel, state, 130, ended, "HTTP 500");
    write([&](Transaction& in) {
      in.claim(Claim::deliveries);
      std::vector<std::int64_t> ids;
      for (const Notice& each : in.notices().waiting(channel, 100)) ids.push_back(each.id);
      in.notices().attach(ids, id);
    });
    return id;
  }
};

TEST_P(Channels, ThoseOfTheRulesAreThereThoughNothingWasTold) {
  take_rules(kRules);
  beat(10);
  const auto channels = get("/sources")["channels"];
  ASSERT_THAT(channels, SizeIs(2));
  EXPECT_EQ(channels[0]["name"], "data");
  EXPECT_EQ(channels[0]["type"], "slack");
  EXPECT_EQ(channels[1]["type"], "pagerduty");
  EXPECT_TRUE(channels[1]["last_sent_at"].is_null());
  EXPECT_TRUE(channels[1]["last_error"].is_null());
  EXPECT_EQ(channels[1]["waiting_count"], 0);
}

TEST_P(Channels, WithoutRulesThereAreNone) {
  beat(10);
  EXPECT_THAT(get("/sources")["channels"], IsEmpty());
}

TEST_P(Channels, EachSaysWhatArrivedWhatWaitsAndWhatWasGivenUp) {
  take_rules(kRules);
  beat(10);
  deliver("data", State::sent, 20, 21, "ok");
  deliver("data", State::sent, 30, 31, "ok");
  deliver("data", State::waiting, 50, {}, "", "#b");
  deliver("data", State::waiting, 40, {}, "HTTP 500", "#a");
  for (int i = 0; i < 7; ++i) deliver("oncall", State::given_up, 20, 60 + i, "HTTP 403");
  deliver("oncall", State::dropped, 20, 90);
  const auto channels = get("/sources")["channels"];
  const auto& data = channels[0];
  EXPECT_EQ(data["last_sent_at"], to_rfc3339(at(31)));
  EXPECT_EQ(data["waiting_count"], 2);
  EXPECT_EQ(data["oldest_waiting_at"], to_rfc3339(at(40)));
  EXPECT_EQ(data["last_error"]["answer"], "HTTP 500");
  EXPECT_EQ(data["last_error"]["next_attempt_at"], to_rfc3339(at(100)));
  EXPECT_TRUE(data["last_error"]["given_up_at"].is_null());
  const auto& oncall = channels[1];
  EXPECT_EQ(oncall["given_up_count"], 7);
  ASSERT_THAT(oncall["given_up"], SizeIs(5));
  EXPECT_EQ(oncall["given_up"][0]["ended_at"], to_rfc3339(at(66)));
  EXPECT_EQ(oncall["last_error"]["given_up_at"], to_rfc3339(at(66)));
  EXPECT_EQ(oncall.dump().find("secret"), std::string::npos);
  EXPECT_EQ(get("/deliveries?state=given_up&channel=oncall")["items"].size(), 7u);
}

TEST_P(Channels, ThoseThatNoRuleNamesAnyMoreStandBehindTheOthersAndSaySo) {
  take_rules(kRules);
  beat(10);
  deliver("zzz", State::sent, 20, 21);
  deliver("before\n'; --", State::given_up, 20, 22, "HTTP 404");
  deliver("aaa", State::waiting, 20);
  const auto channels = get("/sources")["channels"];
  std::vector<std::string> names;
  for (const auto& each : channels) names.push_back(each["name"]);
  EXPECT_THAT(names, ElementsAre("data", "oncall", "aaa", "before\n'; --", "zzz"));
  EXPECT_EQ(channels[1]["in_rules"], true);
  for (int i = 2; i < 5; ++i) {
    EXPECT_EQ(channels[i]["in_rules"], false);
    EXPECT_TRUE(channels[i]["type"].is_null());
  }
}

TEST_P(Channels, WhatIsCollectedSaysWhenItIsToldAtTheLatest) {
  take_rules(kRules);
  const auto told = failed()["told_to"];
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0]["channel"], "data");
  EXPECT_EQ(told[0]["type"], "slack");
  EXPECT_EQ(told[0]["place"], "#data-finance");
  EXPECT_EQ(told[0]["state"], "collected");
  EXPECT_EQ(told[0]["due_at"], to_rfc3339(at(120 + 300)));
  EXPECT_TRUE(told[0]["sent_at"].is_null());
  EXPECT_TRUE(told[1]["place"].is_null());
  EXPECT_EQ(get("/sources")["channels"][0]["collected_count"], 1);
}

TEST_P(Channels, EachPlaceSaysWhatBecameOfItsMessage) {
  take_rules(kRules);
  const std::string id = failed()["id"];
  tell("data", State::sent, 140);
  tell("oncall", State::given_up, 150);
  const auto problem = get("/problems/" + id);
  EXPECT_EQ(problem["problem"]["told_to"], get("/problems")["items"][0]["told_to"]);
  EXPECT_EQ(problem["problem"]["told_to"], get("/pipelines/mage:sales")["problems"][0]["told_to"]);
  const auto& told = problem["problem"]["told_to"];
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0]["state"], "sent");
  EXPECT_EQ(told[0]["sent_at"], to_rfc3339(at(140)));
  EXPECT_EQ(told[1]["state"], "given_up");
  EXPECT_TRUE(told[1]["sent_at"].is_null());
  EXPECT_THAT(problem["told"], SizeIs(2));
}

TEST_P(Channels, WhatIsToldAgainWasToldBefore) {
  take_rules(kRules);
  failed();
  tell("data", State::sent, 140);
  tell("oncall", State::sent, 141);
  beat(120 + 25 * 3600);
  const auto told = get("/problems")["items"][0]["told_to"];
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0]["state"], "collected");
  EXPECT_EQ(told[0]["sent_at"], to_rfc3339(at(140)));
  EXPECT_FALSE(told[0]["due_at"].is_null());
}

TEST_P(Channels, NobodyIsToldOfWhatIsOnlyRecorded) {
  take_rules(kRules);
  EXPECT_THAT(failed("quietly")["told_to"], IsEmpty());
  EXPECT_THAT(get("/rules/explain?pipeline=quietly")["told"], IsEmpty());
}

TEST_P(Channels, TheRulesSayWhoIsToldAndWhichTableDecides) {
  take_rules(kRules);
  const auto told = get("/rules/explain?pipeline=sales")["told"];
  ASSERT_THAT(told, SizeIs(3));
  EXPECT_EQ(told[0]["channel"], "data");
  EXPECT_EQ(told[0]["place"], "#data-finance");
  EXPECT_EQ(told[0]["first_seconds"], 300);
  EXPECT_EQ(told[0]["repeat_seconds"], 86'400);
  EXPECT_EQ(told[0]["kinds"], nlohmann::json::array({"failing"}));
  EXPECT_TRUE(std::string(told[0]["table"]).ends_with(":15")) << told[0]["table"];
  EXPECT_EQ(told[1]["channel"], "oncall");
  EXPECT_TRUE(told[1]["place"].is_null());
  EXPECT_EQ(told[2]["hours"], "Mon-Fri 08:00-18:00");
  EXPECT_TRUE(std::string(told[2]["table"]).ends_with(":19")) << told[2]["table"];
}

INSTANTIATE_TEST_SUITE_P(Storages, Channels, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
