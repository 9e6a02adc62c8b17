#include "publisher/sinks/pubsub_sink.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "publisher/delivery/lane_queue.h"
#include "tests/publisher/http/fake_client.h"
#include "tests/publisher/recording_sink.h"

namespace walpulse::publisher {
namespace {

using Json = nlohmann::json;

struct Fixture {
  explicit Fixture(http::FakeClient::Answer how) {
    auto fake = std::make_unique<http::FakeClient>(std::move(how));
    http = fake.get();
    PubsubSinkOptions options;
    options.topic = "projects/demo-project/topics/runs";
    pubsub::Connection connection;
    connection.tokens = auth::make_anonymous_token_source();
    connection.client =
        std::make_unique<pubsub::Client>(*fake, *connection.tokens, "http://pubsub");
    sink = make_pubsub_sink(std::move(fake), std::move(connection), options);
  }
  http::FakeClient* http;
  std::unique_ptr<Sink> sink;
};

Fixture answering(int status, const std::string& body = "{}") {
  return Fixture([=](const http::SentRequest&) { return http::answer(status, body); });
}

std::vector<Message> batch_of(std::size_t count) {
  std::vector<Message> batch;
  for (std::size_t i = 0; i < count; ++i) batch.push_back(message("{}", "key"));
  return batch;
}

TEST(PublishBody, HoldsEveryMessageAsPubsubReadsIt) {
  std::vector<Message> batch = {message("{\"op\":\"c\"}", "t/1"), message("\x01\xff", "t/1")};
  batch[0].attributes = {{"ce-id", "a\"b"}, {"pipeline_uuid", "d\xc3\xa4glich"}};
  const Json body = Json::parse(publish_body(batch));
  EXPECT_EQ(body, (Json{{"messages",
                         {{{"data", "eyJvcCI6ImMifQ=="},
                           {"attributes", {{"ce-id", "a\"b"}, {"pipeline_uuid", "d\xc3\xa4glich"}}},
                           {"orderingKey", "t/1"}},
                          {{"data", "Af8="}, {"orderingKey", "t/1"}}}}}));
}

TEST(PubsubSink, AFullBatchStaysBelowPubsubsTenMegabytes) {
  Fixture f = answering(200);
  LaneQueue queue({f.sink->batch_messages_max(), f.sink->batch_bytes_max(), true});
  for (int i = 0; i < 3000; ++i) {
    // Every byte of the attribute doubles in JSON.
    Message one = message(std::string(12'000, 'x'), "key");
    one.attributes = {{"quotes", std::string(1000, '"')}};
    const std::size_t bytes = f.sink->wire_bytes(one);
    queue.push(std::move(one), bytes);
  }
  std::size_t count = 0;
  while (!queue.empty()) {
    const auto batch = queue.next_batch();
    count += batch.size();
    EXPECT_LT(publish_body(batch).size(), 9'100'000u);
    EXPECT_LE(batch.size(), 1000u);
  }
  EXPECT_EQ(count, 3000u);
}

TEST(PubsubSink, SucceedsWithAnIdForEachMessage) {
  Fixture f = answering(200, R"({"messageIds":["1","2"]})");
  EXPECT_TRUE(f.sink->send(batch_of(2)));
  EXPECT_EQ(f.http->requests().at(0).url,
            "http://pubsub/v1/projects/demo-project/topics/runs:publish");
}

TEST(PubsubSink, FewerIdsThanMessagesIsTriedAgain) {
  for (const char* body : {R"({"messageIds":["1"]})", "{}", "", "<html>"}) {
    Fixture f = answering(200, body);
    const auto sent = f.sink->send(batch_of(2));
    ASSERT_FALSE(sent) << body;
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
  }
}

TEST(PubsubSink, ClassifiesRefusals) {
  EXPECT_EQ(answering(503).sink->send(batch_of(1)).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(answering(429).sink->send(batch_of(1)).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(answering(403).sink->send(batch_of(1)).error().kind, ErrorKind::denied);
  EXPECT_EQ(answering(404).sink->send(batch_of(1)).error().kind, ErrorKind::denied);
  EXPECT_EQ(answering(400).sink->send(batch_of(1)).error().kind, ErrorKind::rejected);
}

TEST(PubsubSink, ChecksTheTopicAndNamesTheRemedy) {
  Fixture there = answering(200, R"({"permissions":["pubsub.topics.publish"]})");
  EXPECT_TRUE(there.sink->check());
  EXPECT_EQ(there.http->requests().size(), 1u);
  EXPECT_EQ(there.http->requests().at(0).url,
            "http://pubsub/v1/projects/demo-project/topics/runs:testIamPermissions");
  const auto missing = answering(404).sink->check();
  ASSERT_FALSE(missing);
  EXPECT_NE(to_string(missing.error()).find("gcloud pubsub topics create runs"), std::string::npos);
}

TEST(PubsubSink, ACheckWithoutThePermissionNamesTheRole) {
  const auto refused = answering(200, "{}").sink->check();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_NE(to_string(refused.error()).find("roles/pubsub.publisher"), std::string::npos);
}

TEST(PubsubSink, ACheckLooksTheTopicUpWherePermissionsCannotBeAsked) {
  for (const int unknown : {404, 501}) {
    for (const int look_up : {200, 403}) {
      Fixture emulator([=](const http::SentRequest& sent) {
        return http::answer(sent.method == http::Method::get ? look_up : unknown);
      });
      EXPECT_TRUE(emulator.sink->check()) << unknown << ' ' << look_up;
      EXPECT_EQ(emulator.http->requests().back().method, http::Method::get);
    }
  }
  EXPECT_EQ(answering(503).sink->check().error().kind, ErrorKind::unavailable);
}

TEST(PubsubSink, IsNamedAsItWasGiven) {
  EXPECT_EQ(answering(200).sink->name(), "pubsub://demo-project/runs");
}

}  // namespace
}  // namespace walpulse::publisher
