#include "monitor/channels/channels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "monitor/messages/formats.h"
#include "tests/publisher/http/fake_client.h"

namespace walpulse::monitor::channels {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Verdict = Answer::Verdict;

const Environment kSecrets = [](const char* name) -> const char* {
  const std::string asked(name);
  if (asked == "HOOK") return "https://hooks.slack.com/services/T0/B0/hush";
  if (asked == "BOT") return "xoxb-hush";
  if (asked == "KEY") return "routing-hush";
  if (asked == "CLEAR") return "http://receiver.example.com/hush";
  if (asked == "SIGN") return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  return nullptr;
};

messages::Message message(std::size_t problems = 1) {
  messages::Message made;
  made.parts.push_back(
      {messages::Mood::red, messages::Text().name("daily_sales").say(" failed").take(), {}, {}});
  for (std::size_t number = 0; number < problems; ++number) {
    messages::Told told;
    told.problem = static_cast<std::int64_t>(number);
    told.incident = "walpulse/" + std::to_string(number);
    made.told.push_back(told);
  }
  return made;
}

Outgoing outgoing(std::size_t problems = 1) {
  return {Delivery::Kind::message, messages::to_json(message(problems)), "key-1", "#data"};
}

/// A receiver that answers by a function, and the channel that is asked.
struct Asked {
  explicit Asked(http::FakeClient::Answer how) : http(std::move(how)) {}
  ChannelTools tools() { return {http, kSecrets}; }
  Answer send(Channel& channel, const Outgoing& what = outgoing()) {
    return channel.send(what, milliseconds(10'000), {});
  }
  http::FakeClient http;
};

http::FakeClient::Answer always(int status, std::string body = "{}") {
  return [=](const http::SentRequest&) { return http::answer(status, body); };
}

TEST(SlackChannel, AWebhookTakesNeitherPlaceNorThread) {
  Asked asked(always(200, "ok"));
  const auto channel = make_slack_channel({{"", "HOOK"}, {}}, asked.tools());
  const Answer answer = asked.send(*channel);
  EXPECT_EQ(answer, (Answer{Verdict::taken, {}, "HTTP 200: ok"}));
  EXPECT_EQ(thread_in(answer.text), "");
  const auto sent = asked.http.requests();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].url, "https://hooks.slack.com/services/T0/B0/hush");
  EXPECT_THAT(sent[0].body, Not(HasSubstr("#data")));
  EXPECT_TRUE(sent[0].has_header("Idempotency-Key: key-1"));
}

TEST(SlackChannel, ABotKnowsTheThreadOfWhatItSaid) {
  Asked asked(always(200, R"({"ok":true,"ts":"1503435956.000247","channel":"C1"})"));
  SlackSettings settings;
  settings.token = {"", "BOT"};
  const auto channel = make_slack_channel(settings, asked.tools());
  const Answer answer = asked.send(*channel);
  EXPECT_EQ(answer.verdict, Verdict::taken);
  EXPECT_EQ(thread_in(answer.text), "1503435956.000247");
  Outgoing over = outgoing();
  messages::Message said = message();
  said.thread = thread_in(answer.text);
  over.content = messages::to_json(said);
  asked.send(*channel, over);
  const auto body = nlohmann::json::parse(asked.http.requests()[1].body);
  EXPECT_EQ(body["thread_ts"], "1503435956.000247");
  EXPECT_EQ(body["channel"], "#data");
  EXPECT_TRUE(asked.http.requests()[1].has_header("Authorization: Bearer xoxb-hush"));
}

TEST(SlackChannel, ItsErrorsPassOrDoNot) {
  const auto answered = [](const std::string& body) {
    Asked asked(always(200, body));
    SlackSettings settings;
    settings.token = {"", "BOT"};
    return asked.send(*make_slack_channel(settings, asked.tools()));
  };
  const auto error = [&](const std::string& name) {
    return answered(R"({"ok":false,"error":")" + name + "\"}");
  };
  for (const char* name : {"ratelimited", "internal_error", "service_unavailable"})
    EXPECT_EQ(error(name).verdict, Verdict::again) << name;
  for (const char* name : {"not_in_channel", "invalid_auth", "is_archived", "invalid_blocks"})
    EXPECT_EQ(error(name).verdict, Verdict::never) << name;
  EXPECT_THAT(error("not_in_channel").text, HasSubstr("/invite"));
  // A proxy's page is nobody's verdict.
  for (const char* body : {"", "<html>", "[]", R"({"ok":"yes"})"})
    EXPECT_EQ(answered(body).verdict, Verdict::again) << body;
}

TEST(SlackChannel, WhatIsNoThreadIsNone) {
  for (const char* text : {"", "ok", "ok ts=", "ok ts=1.2<", "HTTP 200: ok ts=1.2", "ok ts= x"})
    EXPECT_EQ(thread_in(text), "") << text;
}

TEST(WebhookChannel, SignsAndKeepsItsKey) {
  Asked asked(always(503));
  WebhookSettings settings;
  settings.plain_url = "https://receiver.example.com/hook";
  settings.token = {"", "BOT"};
  settings.signing_keys = {"", "SIGN"};
  const auto channel = make_webhook_channel(settings, asked.tools());
  EXPECT_EQ(asked.send(*channel).verdict, Verdict::again);
  EXPECT_EQ(asked.send(*channel).verdict, Verdict::again);
  const auto sent = asked.http.requests();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].body, sent[1].body);
  for (const auto& request : sent) {
    EXPECT_TRUE(request.has_header("Idempotency-Key: key-1"));
    EXPECT_TRUE(request.has_header("webhook-id: key-1"));
    EXPECT_TRUE(request.has_header("Authorization: Bearer xoxb-hush"));
    EXPECT_THAT(request.headers, ::testing::Contains(HasSubstr("webhook-signature: v1,")));
  }
}

TEST(WebhookChannel, ACallGoesOutAsItIs) {
  Asked asked(always(202));
  WebhookSettings settings;
  settings.plain_url = "https://dbt.example.com/run";
  const auto channel = make_webhook_channel(settings, asked.tools());
  Outgoing call = outgoing();
  call.kind = Delivery::Kind::call;
  call.content = R"({"cause":"x"})";
  EXPECT_EQ(asked.send(*channel, call).verdict, Verdict::taken);
  EXPECT_EQ(asked.http.requests()[0].body, call.content);
}

TEST(Channels, AKeyThatWouldBeginAHeaderIsNotSent) {
  Asked asked(always(200));
  WebhookSettings settings;
  settings.plain_url = "https://dbt.example.com/run";
  Outgoing hostile = outgoing();
  for (const char* key : {"a\r\nX-Evil: 1", "a\n", ""}) {
    hostile.key = key;
    for (const auto& channel : {make_webhook_channel(settings, asked.tools()),
                                make_slack_channel({{"", "HOOK"}, {}}, asked.tools()),
                                make_pagerduty_channel({{"", "KEY"}}, asked.tools())})
      EXPECT_EQ(asked.send(*channel, hostile).verdict, Verdict::never);
  }
  EXPECT_THAT(asked.http.requests(), SizeIs(0));
}

TEST(Channels, AreMadeOutOfRules) {
  Asked asked(always(202));
  rules::ChannelRule rule;
  rule.name = "oncall";
  rule.type = rules::ChannelType::pagerduty;
  rule.token_env = "KEY";
  EXPECT_EQ(asked.send(*make_channel(rule, asked.tools())).verdict, Verdict::taken);
  rule.type = rules::ChannelType::webhook;
  rule.url = "https://dbt.example.com/run";
  rule.token_env = "BOT";
  rule.secret_env = "SIGN";
  rule.auth = rules::WebhookAuth::bearer;
  EXPECT_EQ(asked.send(*make_channel(rule, asked.tools())).verdict, Verdict::taken);
  rule.type = rules::ChannelType::slack;
  rule.token_env.clear();
  rule.url_env = "HOOK";
  EXPECT_EQ(asked.send(*make_channel(rule, asked.tools())).verdict, Verdict::taken);
  const auto sent = asked.http.requests();
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_EQ(sent[0].url, "https://events.pagerduty.com/v2/enqueue");
  EXPECT_TRUE(sent[1].has_header("Authorization: Bearer xoxb-hush"));
  EXPECT_THAT(sent[1].headers, ::testing::Contains(HasSubstr("webhook-signature: v1,")));
  EXPECT_EQ(sent[2].url, "https://hooks.slack.com/services/T0/B0/hush");
  rule.type = rules::ChannelType::log;
  EXPECT_EQ(asked.send(*make_channel(rule, asked.tools())).verdict, Verdict::taken);
}

TEST(Channels, OneThatMovedInItsFileIsTheSame) {
  rules::ChannelRule rule;
  rule.name = "oncall";
  rule.token_env = "KEY";
  rules::ChannelRule moved = rule, renamed = rule, of_another = rule;
  moved.place = {3, 40};
  renamed.name = "data";
  of_another.token_env = "BOT";
  EXPECT_TRUE(rule.is_same(moved));
  EXPECT_FALSE(rule.is_same(renamed));
  EXPECT_FALSE(rule.is_same(of_another));
}

TEST(Channels, ASecretIsInNoAnswer) {
  // The receiver sends back all that it got, and the client's error names the address.
  for (const bool fails : {false, true}) {
    Asked asked([fails](const http::SentRequest& request) -> Result<http::Response> {
      std::string all = request.url + ' ' + request.body;
      for (const std::string& header : request.headers) all += ' ' + header;
      if (fails) return fail(ErrorKind::unavailable, all);
      return http::answer(400, all.substr(0, 300) + all);
    });
    WebhookSettings webhook;
    webhook.url = {"", "HOOK"};
    webhook.token = {"", "BOT"};
    SlackSettings bot;
    bot.token = {"", "BOT"};
    for (const auto& channel :
         {make_slack_channel({{"", "HOOK"}, {}}, asked.tools()),
          make_slack_channel(bot, asked.tools()), make_webhook_channel(webhook, asked.tools()),
          make_pagerduty_channel({{"", "KEY"}}, asked.tools())}) {
      const Answer answer = asked.send(*channel);
      EXPECT_NE(answer.verdict, Verdict::taken);
      EXPECT_THAT(answer.text, Not(HasSubstr("hush")));
    }
  }
}

TEST(Channels, ASecretIsNotSentInTheClear) {
  Asked asked(always(200));
  SlackSettings bot{{}, {"", "BOT"}, "http://slack.example.com/api"};
  WebhookSettings secret_address, bearer, google;
  secret_address.url = {"", "CLEAR"};
  bearer.plain_url = google.plain_url = "http://receiver.example.com/hook";
  bearer.token = {"", "BOT"};
  google.google = true;
  for (const auto& channel :
       {make_slack_channel({{"", "CLEAR"}, {}}, asked.tools()),
        make_slack_channel(bot, asked.tools()), make_webhook_channel(secret_address, asked.tools()),
        make_webhook_channel(bearer, asked.tools()), make_webhook_channel(google, asked.tools()),
        make_pagerduty_channel({{"", "KEY"}, "http://events.example.com"}, asked.tools())}) {
    const Answer answer = asked.send(*channel);
    EXPECT_EQ(answer.verdict, Verdict::never);
    EXPECT_THAT(answer.text, HasSubstr("give an https:// address"));
  }
  EXPECT_THAT(asked.http.requests(), SizeIs(0));
  bearer.plain_url = "http://127.0.0.1:8080/hook";
  EXPECT_EQ(asked.send(*make_webhook_channel(bearer, asked.tools())).verdict, Verdict::taken);
  WebhookSettings open;
  open.plain_url = "http://receiver.example.com/hook";
  EXPECT_EQ(asked.send(*make_webhook_channel(open, asked.tools())).verdict, Verdict::taken);
}

/// A metadata server that gives another token each time, and a receiver that refuses and repeats
/// whatever it gets.
TEST(WebhookChannel, TheTokenAfterARefusedOneIsInNoAnswer) {
  int given = 0;
  Asked asked([&given](const http::SentRequest& request) {
    if (request.url.find("/identity") != std::string::npos) {
      constexpr const char* kExpiresIn2286 = "e30.eyJleHAiOjk5OTk5OTk5OTl9.hush-signature-";
      http::Response token = http::answer(200, kExpiresIn2286 + std::to_string(++given));
      token.headers = {{"metadata-flavor", "Google"}};
      return token;
    }
    std::string all = request.url;
    for (const std::string& header : request.headers) all += ' ' + header;
    return http::answer(401, all);
  });
  WebhookSettings settings;
  settings.plain_url = "https://receiver.example.com/hook";
  settings.google = true;
  const Answer answer = asked.send(*make_webhook_channel(settings, asked.tools()));
  EXPECT_THAT(answer.text, HasSubstr("HTTP 401"));
  EXPECT_THAT(answer.text, Not(HasSubstr("hush")));
}

TEST(Channels, WithoutItsSecretNothingIsSent) {
  Asked asked(always(200));
  SlackSettings away;
  away.url = {"/nonexistent/secret"};
  EXPECT_EQ(asked.send(*make_slack_channel(away, asked.tools())).verdict, Verdict::again);
  EXPECT_EQ(asked.send(*make_pagerduty_channel({{"", "NONE"}}, asked.tools())).verdict,
            Verdict::never);
  EXPECT_THAT(asked.http.requests(), SizeIs(0));
}

TEST(Channels, AContentThatIsNoneIsGivenUp) {
  Asked asked(always(200));
  Outgoing broken = outgoing();
  broken.content = "{}";
  for (const auto& channel :
       {make_log_channel(), make_slack_channel({{"", "HOOK"}, {}}, asked.tools()),
        make_webhook_channel({}, asked.tools()),
        make_pagerduty_channel({{"", "KEY"}}, asked.tools()), make_mail_channel({}, asked.tools())})
    EXPECT_EQ(asked.send(*channel, broken).verdict, Verdict::never);
  EXPECT_THAT(asked.http.requests(), SizeIs(0));
}

TEST(PagerDutyChannel, GoesOnWhereItWasCutOff) {
  int left = 3;
  Asked asked([&left](const http::SentRequest&) { return http::answer(left-- > 0 ? 202 : 429); });
  const auto channel = make_pagerduty_channel({{"", "KEY"}}, asked.tools());
  EXPECT_EQ(asked.send(*channel, outgoing(5)).verdict, Verdict::again);
  left = 10;
  EXPECT_EQ(asked.send(*channel, outgoing(5)).verdict, Verdict::taken);
  std::vector<std::string> incidents;
  for (const auto& request : asked.http.requests())
    incidents.push_back(nlohmann::json::parse(request.body)["dedup_key"]);
  EXPECT_THAT(incidents, ::testing::ElementsAre("walpulse/0", "walpulse/1", "walpulse/2",
                                                "walpulse/3", "walpulse/3", "walpulse/4"));
}

TEST(PagerDutyChannel, GoesOnAtOnceWhereTimeWasShort) {
  Asked asked([](const http::SentRequest&) {
    std::this_thread::sleep_for(milliseconds(2));
    return http::answer(202);
  });
  const auto channel = make_pagerduty_channel({{"", "KEY"}}, asked.tools());
  const Outgoing what = outgoing(3);
  for (const char* text : {"1 of 3 events are sent", "2 of 3 events are sent"}) {
    const Answer answer = channel->send(what, milliseconds(1), {});
    EXPECT_EQ(answer.verdict, Verdict::partly);
    EXPECT_EQ(answer.text, text);
  }
  EXPECT_EQ(channel->send(what, milliseconds(1), {}).verdict, Verdict::taken);
  EXPECT_THAT(asked.http.requests(), SizeIs(3));
}

TEST(LogChannel, TakesMessagesAndNoCalls) {
  const auto channel = make_log_channel();
  Asked asked(always(200));
  EXPECT_EQ(asked.send(*channel).verdict, Verdict::taken);
  Outgoing what = outgoing();
  what.kind = Delivery::Kind::greeting;
  EXPECT_EQ(asked.send(*channel, what).verdict, Verdict::taken);
  what.kind = Delivery::Kind::call;
  EXPECT_EQ(asked.send(*channel, what).verdict, Verdict::never);
}

}  // namespace
}  // namespace walpulse::monitor::channels
