#include "publisher/auth/metadata_server.h"

#include <gtest/gtest.h>

#include "tests/publisher/http/fake_client.h"

namespace walpulse::auth {
namespace {

http::Response from_google(int status, std::string body) {
  http::Response response = http::answer(status, std::move(body));
  response.headers = {{"metadata-flavor", "Google"}};
  return response;
}

TEST(MetadataServer, GivesTheAttachedAccountsToken) {
  http::FakeClient http([](const http::SentRequest&) {
    return from_google(200, R"({"access_token":"t","expires_in":1800,"token_type":"Bearer"})");
  });
  const auto token = metadata_server_tokens(http, "169.254.169.254", {"a", "b"})();
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->text, "t");
  EXPECT_EQ(token->lifetime, std::chrono::seconds(1800));
  const http::SentRequest sent = http.requests().at(0);
  EXPECT_EQ(sent.url,
            "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token"
            "?scopes=a,b");
  EXPECT_TRUE(sent.has_header("Metadata-Flavor: Google"));
  EXPECT_EQ(sent.method, http::Method::get);
}

TEST(MetadataServer, AnAnswerThatIsNotGooglesIsRefused) {
  http::FakeClient http([](const http::SentRequest&) {
    return http::answer(200, R"({"access_token":"t","expires_in":1800})");
  });
  const auto token = metadata_server_tokens(http, "metadata.google.internal", {})();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::denied);
}

TEST(MetadataServer, WithoutOneTheRemedyIsNamed) {
  http::FakeClient http([](const http::SentRequest&) -> Result<http::Response> {
    return fail(ErrorKind::unavailable, "Could not resolve host: metadata.google.internal");
  });
  const auto token = metadata_server_tokens(http, "metadata.google.internal", {})();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::unavailable);
  EXPECT_NE(token.error().message.find("GOOGLE_APPLICATION_CREDENTIALS"), std::string::npos);
}

TEST(MetadataServer, WithoutAnAttachedAccountItIsDenied) {
  http::FakeClient http([](const http::SentRequest&) { return from_google(404, "not found"); });
  const auto token = metadata_server_tokens(http, "metadata.google.internal", {})();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace walpulse::auth
