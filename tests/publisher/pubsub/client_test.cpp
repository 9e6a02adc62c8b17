#include "publisher/pubsub/client.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "publisher/auth/caching_token_source.h"
#include "tests/publisher/http/fake_client.h"

namespace walpulse::pubsub {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopic = "projects/demo-project/topics/runs";
constexpr const char* kSubscription = "projects/demo-project/subscriptions/monitor";

struct Fixture {
  explicit Fixture(http::FakeClient::Answer how)
      : http(std::move(how)),
        tokens(auth::make_anonymous_token_source()),
        client(http, *tokens, "http://pubsub") {}
  http::FakeClient http;
  std::unique_ptr<auth::TokenSource> tokens;
  Client client;
};

Fixture answering(int status, std::string body) {
  return Fixture([status, body](const http::SentRequest&) { return http::answer(status, body); });
}

Environment environment(const char* emulator) {
  return [emulator](const char* name) -> const char* {
    return std::string_view(name) == "PUBSUB_EMULATOR_HOST" ? emulator : nullptr;
  };
}

TEST(PubsubEndpoint, IsTheEmulatorWhereThereIsOne) {
  EXPECT_EQ(endpoint(environment(nullptr)), "https://pubsub.googleapis.com");
  EXPECT_EQ(endpoint(environment("")), "https://pubsub.googleapis.com");
  EXPECT_EQ(endpoint(environment("localhost:8085")), "http://localhost:8085");
  for (const char* host : {"http://localhost:8085", "http://localhost:8085/", "localhost:8085//"})
    EXPECT_EQ(endpoint(environment(host)), "http://localhost:8085") << host;
  EXPECT_EQ(endpoint(environment("/")), "https://pubsub.googleapis.com");
}

TEST(Client, PublishesAndCountsTheIds) {
  Fixture f = answering(200, R"({"messageIds":["1","2","3"]})");
  const auto ids = f.client.publish(kTopic, "{\"messages\":[]}", 7s);
  ASSERT_TRUE(ids) << to_string(ids.error());
  EXPECT_EQ(*ids, 3u);
  const http::SentRequest sent = f.http.requests().at(0);
  EXPECT_EQ(sent.url, "http://pubsub/v1/projects/demo-project/topics/runs:publish");
  EXPECT_EQ(sent.body, "{\"messages\":[]}");
  EXPECT_EQ(sent.timeout, 7s);
  EXPECT_TRUE(sent.has_header("Content-Type: application/json"));
}

TEST(Client, AnAnswerWithoutIdsCountsNone) {
  for (const char* body : {"", "{}", "[]", R"({"messageIds":7})", R"({"messageIds":[7,null]})"}) {
    Fixture f = answering(200, body);
    EXPECT_EQ(f.client.publish(kTopic, "{}", 1s), 0u) << body;
  }
}

TEST(Client, AMissingTopicNamesTheCommandThatMakesIt) {
  Fixture f = answering(404, R"({"error":{"code":404,"message":"Resource not found"}})");
  for (const auto& error :
       {f.client.publish(kTopic, "{}", 1s).error(), f.client.get_topic(kTopic).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::denied);
    EXPECT_NE(to_string(error).find("Resource not found"), std::string::npos);
    EXPECT_NE(to_string(error).find("gcloud pubsub topics create runs --project demo-project"),
              std::string::npos);
  }
}

TEST(Client, ARefusalNamesTheRole) {
  Fixture f = answering(403, "{}");
  EXPECT_NE(to_string(f.client.publish(kTopic, "{}", 1s).error()).find("roles/pubsub.publisher"),
            std::string::npos);
  EXPECT_NE(to_string(f.client.pull(kSubscription, 1, 1s).error()).find("roles/pubsub.subscriber"),
            std::string::npos);
  EXPECT_NE(to_string(f.client.get_topic(kTopic).error()).find("roles/pubsub.viewer"),
            std::string::npos);
}

TEST(Client, PullsMessages) {
  Fixture f = answering(200, R"({"receivedMessages":[{"ackId":"a","message":{"data":"Zm9v"}}]})");
  const auto messages = f.client.pull(kSubscription, 1000, 5s);
  ASSERT_TRUE(messages);
  EXPECT_EQ(messages->at(0).message.data, "foo");
  EXPECT_EQ(f.http.requests().at(0).body, R"({"maxMessages":1000})");
  EXPECT_EQ(f.http.requests().at(0).url,
            "http://pubsub/v1/projects/demo-project/subscriptions/monitor:pull");
}

TEST(Client, APollThatRunsOutIsEmptyAndAnUnreachableServiceIsNot) {
  Fixture quiet([](const http::SentRequest&) -> Result<http::Response> {
    return fail(ErrorKind::timed_out, "no answer");
  });
  const auto messages = quiet.client.pull(kSubscription, 1000, 5s);
  ASSERT_TRUE(messages);
  EXPECT_TRUE(messages->empty());
  Fixture down([](const http::SentRequest&) -> Result<http::Response> {
    return fail(ErrorKind::unavailable, "connection refused");
  });
  EXPECT_FALSE(down.client.pull(kSubscription, 1000, 5s));
}

TEST(Client, SplitsAcknowledgementsBelowTheLimitAndKeepsEachId) {
  Fixture f = answering(200, "{}");
  std::vector<std::string> ids;
  for (int i = 0; i < 5000; ++i) ids.push_back(std::to_string(i) + std::string(200, 'x'));
  ASSERT_TRUE(f.client.acknowledge(kSubscription, {ids.begin(), ids.end()}));
  std::vector<std::string> seen;
  for (const http::SentRequest& request : f.http.requests()) {
    EXPECT_LT(request.body.size(), 512u * 1024);
    const auto body = nlohmann::json::parse(request.body);
    for (const auto& id : body["ackIds"]) seen.push_back(id);
  }
  EXPECT_GT(f.http.requests().size(), 1u);
  EXPECT_TRUE(seen == ids) << seen.size();
}

TEST(Client, AcknowledgesNothingWithoutACall) {
  Fixture f = answering(200, "{}");
  EXPECT_TRUE(f.client.acknowledge(kSubscription, {}));
  EXPECT_TRUE(f.http.requests().empty());
}

TEST(Client, ModifiesDeadlines) {
  Fixture f = answering(200, "{}");
  ASSERT_TRUE(f.client.modify_ack_deadline(kSubscription, {"a\"b", "c"}, 0s));
  const auto body = nlohmann::json::parse(f.http.requests().at(0).body);
  EXPECT_EQ(body, (nlohmann::json{{"ackIds", {"a\"b", "c"}}, {"ackDeadlineSeconds", 0}}));
}

TEST(Client, AFailedAcknowledgementEndsTheCall) {
  Fixture f = answering(503, "{}");
  const auto result =
      f.client.acknowledge(kSubscription, std::vector<std::string_view>(10'000, "id123"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(f.http.requests().size(), 1u);
}

constexpr const char* kNoScope = R"({"error":{"code":403,"status":"PERMISSION_DENIED",
  "message":"Request had insufficient authentication scopes.","details":[
  {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}})";

TEST(Client, AMissingScopeIsDeniedAndNoRoleIsNamed) {
  Fixture f = answering(403, kNoScope);
  for (const Error& error :
       {f.client.may_publish(kTopic).error(), f.client.may_consume(kSubscription).error(),
        f.client.publish(kTopic, "{}", 1s).error(), f.client.get_topic(kTopic).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::denied);
    EXPECT_NE(to_string(error).find("--scopes=cloud-platform"), std::string::npos)
        << to_string(error);
    EXPECT_EQ(to_string(error).find("--role"), std::string::npos) << to_string(error);
  }
}

TEST(Client, AnApiThatIsOffNamesTheCommandThatSwitchesItOn) {
  Fixture f = answering(403, R"({"error":{"code":403,"details":[{"reason":"SERVICE_DISABLED",
    "metadata":{"service":"pubsub.googleapis.com"}}]}})");
  EXPECT_NE(to_string(f.client.get_topic(kTopic).error())
                .find("gcloud services enable pubsub.googleapis.com"),
            std::string::npos);
}

TEST(Client, AsksWhetherItMayConsumeAndNamesTheRoleOtherwise) {
  Fixture may = answering(200, R"({"permissions":["pubsub.subscriptions.consume"]})");
  EXPECT_EQ(may.client.may_consume(kSubscription), true);
  EXPECT_EQ(may.http.requests().at(0).url,
            "http://pubsub/v1/projects/demo-project/subscriptions/monitor:testIamPermissions");
  EXPECT_EQ(may.http.requests().at(0).body, R"({"permissions":["pubsub.subscriptions.consume"]})");
  Fixture may_not = answering(200, "{}");
  EXPECT_NE(may_not.client.may_consume(kSubscription)
                .error()
                .remedy.find("gcloud pubsub subscriptions add-iam-policy-binding monitor "
                             "--project demo-project --member serviceAccount:EMAIL --role "
                             "roles/pubsub.subscriber"),
            std::string::npos);
}

TEST(Client, ReadsHowASubscriptionIsSet) {
  Fixture f = answering(200, R"({"name":"x","topic":"projects/p/topics/t","filter":"a","pushConfig":
    {"pushEndpoint":"https://m/push","oidcToken":{"serviceAccountEmail":"e@x","audience":"aud"},
     "noWrapper":{}},"enableMessageOrdering":true,"detached":true,
    "deadLetterPolicy":{"deadLetterTopic":"projects/p/topics/d"},
    "expirationPolicy":{"ttl":"2678400s"},"bigqueryConfig":{"table":"t"}})");
  const auto found = f.client.subscription_settings(kSubscription);
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ(found->topic, "projects/p/topics/t");
  EXPECT_EQ(found->filter, "a");
  EXPECT_EQ(found->push_endpoint, "https://m/push");
  EXPECT_EQ(found->push_account, "e@x");
  EXPECT_EQ(found->push_audience, "aud");
  EXPECT_EQ(found->dead_letter_topic, "projects/p/topics/d");
  EXPECT_EQ(found->expires_after, "2678400s");
  EXPECT_TRUE(found->push_unwrapped && found->ordered && found->detached && found->archives);
}

TEST(Client, ASubscriptionThatNeverExpiresAndPushesNowhereSaysSo) {
  Fixture f = answering(200, R"({"topic":"t","pushConfig":{},"expirationPolicy":{},
    "enableMessageOrdering":7})");
  const auto found = f.client.subscription_settings(kSubscription);
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ(found->expires_after, "");
  EXPECT_EQ(found->push_endpoint, "");
  EXPECT_FALSE(found->ordered || found->archives || found->push_unwrapped);
  for (const char* body : {"", "[]", "{}", R"({"topic":7})"}) {
    Fixture broken = answering(200, body);
    EXPECT_FALSE(broken.client.subscription_settings(kSubscription)) << body;
  }
}

/// Tokens that live for an hour by their own word; the service takes those from number `good` on.
struct Revoked {
  explicit Revoked(int good_from) : good(good_from) {}
  const int good;
  int fetched = 0;
  http::FakeClient http{[this](const http::SentRequest& request) {
    for (int i = good; i <= fetched; ++i) {
      if (!request.has_header("Authorization: Bearer token-" + std::to_string(i))) continue;
      return http::answer(200, R"({"messageIds":["1"]})");
    }
    return http::answer(401);
  }};
  std::unique_ptr<auth::TokenSource> tokens = auth::make_caching_token_source([this] {
    ++fetched;
    return Result<auth::AccessToken>(auth::AccessToken{"token-" + std::to_string(fetched), 3600s});
  });
  Client client{http, *tokens, "https://pubsub"};
};

using Call = std::function<bool(Client&)>;
const std::pair<const char*, Call> kCalls[] = {
    {"publish", [](Client& c) { return c.publish(kTopic, "{}", 1s).has_value(); }},
    {"pull", [](Client& c) { return c.pull(kSubscription, 1, 1s).has_value(); }},
    {"acknowledge", [](Client& c) { return c.acknowledge(kSubscription, {"a"}).has_value(); }},
    {"modify",
     [](Client& c) { return c.modify_ack_deadline(kSubscription, {"a"}, 0s).has_value(); }},
};

TEST(Client, ATokenRevokedEarlyIsReplacedOnceWhateverTheCall) {
  for (const auto& [name, call] : kCalls) {
    Revoked service(2);
    EXPECT_TRUE(call(service.client)) << name;
    EXPECT_EQ(service.fetched, 2) << name;
    EXPECT_EQ(service.http.requests().size(), 2u) << name;
    EXPECT_TRUE(call(service.client)) << name;
    EXPECT_EQ(service.fetched, 2) << name << ": the new one serves on";
  }
}

TEST(Client, AServiceThatRefusesEveryTokenIsAskedTwiceACall) {
  for (const auto& [name, call] : kCalls) {
    Revoked service(1000);
    EXPECT_FALSE(call(service.client)) << name;
    EXPECT_EQ(service.fetched, 2) << name;
    EXPECT_EQ(service.http.requests().size(), 2u) << name;
  }
}

}  // namespace
}  // namespace walpulse::pubsub
