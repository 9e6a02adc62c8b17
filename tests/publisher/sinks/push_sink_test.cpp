#include "publisher/sinks/push_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "publisher/auth/caching_token_source.h"
#include "publisher/pubsub/client.h"
#include "tests/publisher/http/fake_client.h"
#include "tests/publisher/recording_sink.h"

namespace walpulse::publisher {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  explicit Fixture(http::FakeClient::Answer how) {
    auto fake = std::make_unique<http::FakeClient>(std::move(how));
    http = fake.get();
    sink = make_push_sink(std::move(fake), "http://127.0.0.1:8080/push?x=1", 5s);
  }
  http::FakeClient* http;
  std::unique_ptr<Sink> sink;
};

Fixture answering(int status) {
  return Fixture([=](const http::SentRequest&) { return http::answer(status); });
}

Message event(const std::string& id) {
  Message made = message("{\"id\":" + id + "}", "key");
  made.attributes = {{"ce-id", "mage/" + id}};
  return made;
}

TEST(PushSink, SendsEachMessageInPubsubsEnvelopeInOrder) {
  Fixture f = answering(204);
  ASSERT_TRUE(f.sink->send({event("1"), event("2"), event("3")}));
  const auto requests = f.http->requests();
  ASSERT_EQ(requests.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string id = std::to_string(i + 1);
    EXPECT_EQ(requests[i].url, "http://127.0.0.1:8080/push?x=1");
    EXPECT_TRUE(requests[i].has_header("Content-Type: application/json"));
    const auto message = pubsub::parse_push_envelope(requests[i].body);
    ASSERT_TRUE(message) << to_string(message.error());
    EXPECT_EQ(message->data, "{\"id\":" + id + "}");
    EXPECT_EQ(message->message_id, "mage/" + id);
    EXPECT_THAT(requests[i].body, testing::HasSubstr(R"("orderingKey":"key")"));
  }
}

TEST(PushSink, TakesForAnAcknowledgementWhatPubsubTakes) {
  for (const int status : {200, 201, 202, 204})
    EXPECT_TRUE(answering(status).sink->send({event("1")}));
  struct Case {
    int status;
    ErrorKind kind;
  };
  constexpr Case kCases[] = {{203, ErrorKind::unavailable}, {206, ErrorKind::unavailable},
                             {301, ErrorKind::denied},      {405, ErrorKind::denied},
                             {404, ErrorKind::denied},      {401, ErrorKind::denied},
                             {429, ErrorKind::unavailable}, {503, ErrorKind::unavailable},
                             {400, ErrorKind::rejected},    {413, ErrorKind::rejected}};
  for (const auto& [status, kind] : kCases) {
    const auto sent = answering(status).sink->send({event("1")});
    ASSERT_FALSE(sent) << status;
    EXPECT_EQ(sent.error().kind, kind) << status;
  }
}

TEST(PushSink, StopsAtTheFirstMessageThatIsNotTaken) {
  int calls = 0;
  Fixture f([&](const http::SentRequest&) { return http::answer(++calls == 2 ? 503 : 204); });
  const auto sent = f.sink->send({event("1"), event("2"), event("3")});
  ASSERT_FALSE(sent);
  EXPECT_EQ(f.http->requests().size(), 2u) << "nothing may overtake the message that failed";
  EXPECT_TRUE(f.sink->send({event("1"), event("2"), event("3")}));
  EXPECT_EQ(f.http->requests().size(), 5u) << "the retry begins with the batch";
}

TEST(PushSink, IsThereWhenAnybodyAnswers) {
  for (const int status : {200, 404, 405}) EXPECT_TRUE(answering(status).sink->check()) << status;
  EXPECT_EQ(answering(401).sink->check().error().kind, ErrorKind::denied);
  EXPECT_EQ(answering(503).sink->check().error().kind, ErrorKind::unavailable);
  Fixture gone([](const http::SentRequest&) -> Result<http::Response> {
    return fail(ErrorKind::unavailable, "connection refused");
  });
  EXPECT_FALSE(gone.sink->check());
}

TEST(PushSink, SaysWhoItIsWithAnIdentityToken) {
  auto fake = std::make_unique<http::FakeClient>([](const http::SentRequest& sent) {
    return http::answer(sent.has_header("Authorization: Bearer id-token") ? 204 : 401);
  });
  const auto* http = fake.get();
  const auto sink =
      make_push_sink(std::move(fake), "https://m.example.com/push", 5s,
                     auth::make_caching_token_source([]() -> Result<auth::AccessToken> {
                       return auth::AccessToken{"id-token", std::chrono::hours(1)};
                     }));
  EXPECT_TRUE(sink->send({event("1")}));
  EXPECT_TRUE(sink->check());
  EXPECT_EQ(http->requests().size(), 2u);
}

TEST(PushSink, SaysWhatARefusalWants) {
  for (const int status : {401, 403}) {
    const auto sent = answering(status).sink->send({event("1")});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::denied);
    EXPECT_NE(to_string(sent.error()).find("--push-audience"), std::string::npos);
  }
}

TEST(PushSink, IsNamedWithoutItsQuery) {
  EXPECT_EQ(answering(200).sink->name(), "http://127.0.0.1:8080/push");
}

}  // namespace
}  // namespace walpulse::publisher
