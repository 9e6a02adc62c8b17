#include "publisher/auth/metadata_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/publisher/http/fake_client.h"

namespace walpulse::auth {
namespace {

http::Response from_google(int status, std::string body) {
  http::Response response = http::answer(status, std::move(body));
  response.headers = {{"metadata-flavor", "Google"}};
  return response;
}

Environment named(const char* host) {
  return [host](const char* name) -> const char* {
    return std::string_view(name) == "GCE_METADATA_HOST" ? host : nullptr;
  };
}

/// What a server that gives `answers` one after the other, and the last one ever after, says.
struct Asked {
  explicit Asked(std::vector<Result<http::Response>> answers)
      : http([this, answers = std::move(answers)](const http::SentRequest&) {
          return answers[std::min(calls++, answers.size() - 1)];
        }) {}
  std::size_t calls = 0;
  http::FakeClient http;
  MetadataServer server{http, named(nullptr)};
};

const Result<http::Response> kSlow = fail(ErrorKind::timed_out, "slow");

TEST(MetadataServer, GivesTheAttachedAccountsToken) {
  http::FakeClient http([](const http::SentRequest&) {
    return from_google(200, R"({"access_token":"t","expires_in":1800,"token_type":"Bearer"})");
  });
  const auto token = MetadataServer(http, named("169.254.169.254")).tokens({"a", "b"})();
  ASSERT_TRUE(token) << to_string(token.error());
  EXPECT_EQ(token->text, "t");
  EXPECT_EQ(token->lifetime, std::chrono::seconds(1800));
  const http::SentRequest sent = http.requests().at(0);
  EXPECT_EQ(sent.url,
            "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token"
            "?scopes=a,b");
  EXPECT_TRUE(sent.has_header("Metadata-Flavor: Google"));
  EXPECT_EQ(sent.method, http::Method::get);
}

TEST(MetadataServer, WhereThereIsNoneTheErrorKeepsItsCodeAndSaysWhatToDo) {
  http::FakeClient http([](const http::SentRequest&) -> Result<http::Response> {
    return fail(ErrorKind::timed_out, "no such host", "look at the DNS", "6");
  });
  const auto token = MetadataServer(http, named("metadata")).tokens({})();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(token.error().message, "token from the metadata server metadata: no such host");
  EXPECT_EQ(token.error().remedy.rfind("look at the DNS; no credentials found: set ", 0), 0u)
      << token.error().remedy;
  EXPECT_EQ(token.error().code, "6");
}

TEST(MetadataServer, AnAnswerThatIsNotGooglesIsRefused) {
  http::FakeClient http([](const http::SentRequest&) {
    return http::answer(200, R"({"access_token":"t","expires_in":1800})");
  });
  const auto token = MetadataServer(http, named("")).tokens({})();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::denied);
}

TEST(MetadataServer, WithoutOneTheRemedyIsNamed) {
  http::FakeClient http([](const http::SentRequest&) -> Result<http::Response> {
    return fail(ErrorKind::unavailable, "Could not resolve host: metadata.google.internal");
  });
  const auto token = MetadataServer(http, named("")).tokens({})();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::unavailable);
  EXPECT_NE(to_string(token.error()).find("GOOGLE_APPLICATION_CREDENTIALS"), std::string::npos);
}

TEST(MetadataServer, WithoutAnAttachedAccountItIsDenied) {
  http::FakeClient http([](const http::SentRequest&) { return from_google(404, "not found"); });
  const auto token = MetadataServer(http, named("")).tokens({})();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::denied);
}

TEST(MetadataServer, SaysTheProjectAndTheRegion) {
  Asked asked({from_google(200, "demo-project"), from_google(200, "projects/1/regions/north1")});
  EXPECT_EQ(asked.server.project(), "demo-project");
  EXPECT_EQ(asked.server.location(), "north1");
  EXPECT_EQ(asked.http.requests().at(0).url,
            "http://metadata.google.internal/computeMetadata/v1/project/project-id");
}

TEST(MetadataServer, SaysTheZoneWhereThereIsNoRegion) {
  Asked asked({from_google(404, ""), from_google(200, "projects/1/zones/north1-b")});
  EXPECT_EQ(asked.server.location(), "north1-b");
}

TEST(MetadataServer, IsAskedAgainWhileItsMachineStarts) {
  Asked starting({kSlow, from_google(503, ""), from_google(200, "projects/1/regions/north1")});
  EXPECT_EQ(starting.server.location(), "north1");
  Asked stuck({kSlow});
  EXPECT_EQ(stuck.server.location().error().kind, ErrorKind::timed_out);
  EXPECT_EQ(stuck.calls, 10u);
}

TEST(MetadataServer, AnotherServerDoesNotSayWhereWeAre) {
  Asked asked({http::answer(200, "projects/1/regions/north1")});
  EXPECT_EQ(asked.server.location().error().kind, ErrorKind::rejected);
}

}  // namespace
}  // namespace walpulse::auth
