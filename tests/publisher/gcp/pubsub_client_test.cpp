#include "publisher/gcp/pubsub_client.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/publisher/gcp/fake_http_client.h"

namespace walpulse::gcp {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopic = "projects/demo-project/topics/runs";
constexpr const char* kSubscription = "projects/demo-project/subscriptions/monitor";

struct Fixture {
  explicit Fixture(FakeHttpClient::Answer how)
      : http(std::move(how)),
        tokens(make_anonymous_token_source()),
        client(http, *tokens, "http://pubsub") {}
  FakeHttpClient http;
  std::unique_ptr<TokenSource> tokens;
  PubsubClient client;
};

Fixture answering(int status, std::string body) {
  return Fixture([status, body](const SentRequest&) { return answer(status, body); });
}

std::function<const char*(const char*)> environment(const char* emulator) {
  return [emulator](const char* name) -> const char* {
    return std::string_view(name) == "PUBSUB_EMULATOR_HOST" ? emulator : nullptr;
  };
}

TEST(PubsubEndpoint, IsTheEmulatorWhereThereIsOne) {
  EXPECT_EQ(pubsub_endpoint(environment(nullptr)), "https://pubsub.googleapis.com");
  EXPECT_EQ(pubsub_endpoint(environment("")), "https://pubsub.googleapis.com");
  EXPECT_EQ(pubsub_endpoint(environment("localhost:8085")), "http://localhost:8085");
  EXPECT_EQ(pubsub_endpoint(environment("http://localhost:8085")), "http://localhost:8085");
}

TEST(PubsubClient, PublishesAndCountsTheIds) {
  Fixture f = answering(200, R"({"messageIds":["1","2","3"]})");
  const auto ids = f.client.publish(kTopic, "{\"messages\":[]}", 7s);
  ASSERT_TRUE(ids) << ids.error().message;
  EXPECT_EQ(*ids, 3u);
  const SentRequest sent = f.http.requests().at(0);
  EXPECT_EQ(sent.url, "http://pubsub/v1/projects/demo-project/topics/runs:publish");
  EXPECT_EQ(sent.body, "{\"messages\":[]}");
  EXPECT_EQ(sent.timeout, 7s);
  EXPECT_TRUE(sent.has_header("Content-Type: application/json"));
}

TEST(PubsubClient, AnAnswerWithoutIdsCountsNone) {
  for (const char* body : {"", "{}", "[]", R"({"messageIds":7})", R"({"messageIds":[7,null]})"}) {
    Fixture f = answering(200, body);
    EXPECT_EQ(f.client.publish(kTopic, "{}", 1s), 0u) << body;
  }
}

TEST(PubsubClient, AMissingTopicNamesTheCommandThatMakesIt) {
  Fixture f = answering(404, R"({"error":{"code":404,"message":"Resource not found"}})");
  for (const auto& error :
       {f.client.publish(kTopic, "{}", 1s).error(), f.client.get_topic(kTopic).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::denied);
    EXPECT_NE(error.message.find("Resource not found"), std::string::npos);
    EXPECT_NE(error.message.find("gcloud pubsub topics create runs --project demo-project"),
              std::string::npos);
  }
}

TEST(PubsubClient, ARefusalNamesTheRole) {
  Fixture f = answering(403, "{}");
  EXPECT_NE(f.client.publish(kTopic, "{}", 1s).error().message.find("roles/pubsub.publisher"),
            std::string::npos);
  EXPECT_NE(f.client.pull(kSubscription, 1, 1s).error().message.find("roles/pubsub.subscriber"),
            std::string::npos);
  EXPECT_NE(f.client.get_topic(kTopic).error().message.find("roles/pubsub.viewer"),
            std::string::npos);
}

TEST(PubsubClient, PullsMessages) {
  Fixture f = answering(200, R"({"receivedMessages":[{"ackId":"a","message":{"data":"Zm9v"}}]})");
  const auto messages = f.client.pull(kSubscription, 1000, 5s);
  ASSERT_TRUE(messages);
  EXPECT_EQ(messages->at(0).message.data, "foo");
  EXPECT_EQ(f.http.requests().at(0).body, R"({"maxMessages":1000})");
  EXPECT_EQ(f.http.requests().at(0).url,
            "http://pubsub/v1/projects/demo-project/subscriptions/monitor:pull");
}

TEST(PubsubClient, APollThatRunsOutIsEmptyAndAnUnreachableServiceIsNot) {
  Fixture quiet([](const SentRequest&) -> Result<HttpResponse> {
    return fail(ErrorKind::timed_out, "no answer");
  });
  const auto messages = quiet.client.pull(kSubscription, 1000, 5s);
  ASSERT_TRUE(messages);
  EXPECT_TRUE(messages->empty());
  Fixture down([](const SentRequest&) -> Result<HttpResponse> {
    return fail(ErrorKind::unavailable, "connection refused");
  });
  EXPECT_FALSE(down.client.pull(kSubscription, 1000, 5s));
}

TEST(PubsubClient, SplitsAcknowledgementsBelowTheLimitAndKeepsEachId) {
  Fixture f = answering(200, "{}");
  std::vector<std::string> ids;
  for (int i = 0; i < 5000; ++i) ids.push_back(std::to_string(i) + std::string(200, 'x'));
  ASSERT_TRUE(f.client.acknowledge(kSubscription, ids));
  std::vector<std::string> seen;
  for (const SentRequest& request : f.http.requests()) {
    EXPECT_LT(request.body.size(), 512u * 1024);
    const auto body = nlohmann::json::parse(request.body);
    for (const auto& id : body["ackIds"]) seen.push_back(id);
  }
  EXPECT_GT(f.http.requests().size(), 1u);
  EXPECT_TRUE(seen == ids) << seen.size();
}

TEST(PubsubClient, AcknowledgesNothingWithoutACall) {
  Fixture f = answering(200, "{}");
  EXPECT_TRUE(f.client.acknowledge(kSubscription, {}));
  EXPECT_TRUE(f.http.requests().empty());
}

TEST(PubsubClient, ModifiesDeadlines) {
  Fixture f = answering(200, "{}");
  ASSERT_TRUE(f.client.modify_ack_deadline(kSubscription, {"a\"b", "c"}, 0s));
  const auto body = nlohmann::json::parse(f.http.requests().at(0).body);
  EXPECT_EQ(body, (nlohmann::json{{"ackIds", {"a\"b", "c"}}, {"ackDeadlineSeconds", 0}}));
}

TEST(PubsubClient, AFailedAcknowledgementEndsTheCall) {
  Fixture f = answering(503, "{}");
  const auto result =
      f.client.acknowledge(kSubscription, std::vector<std::string>(10'000, "id123"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(f.http.requests().size(), 1u);
}

}  // namespace
}  // namespace walpulse::gcp
