#include "publisher/gcp/token_source.h"

#include <gtest/gtest.h>

#include "tests/publisher/gcp/fake_http_client.h"

namespace walpulse::gcp {
namespace {

/// Hands out token-1; after it is invalidated, token-2, and so on.
class CountingTokens final : public TokenSource {
 public:
  Result<std::string> token() override { return "token-" + std::to_string(number_); }
  void invalidate(const std::string& rejected) override {
    if (rejected == "token-" + std::to_string(number_)) ++number_;
  }

 private:
  int number_ = 1;
};

class NoTokens final : public TokenSource {
 public:
  Result<std::string> token() override { return fail(ErrorKind::denied, "no credentials"); }
  void invalidate(const std::string&) override {}
};

HttpRequest request_with_header() {
  HttpRequest request;
  request.url = "https://service";
  request.headers = {"X-Own: 1"};
  return request;
}

TEST(SendAuthorized, AnAnonymousSourceSendsNoHeader) {
  FakeHttpClient http;
  const auto anonymous = make_anonymous_token_source();
  ASSERT_TRUE(send_authorized(http, *anonymous, request_with_header()));
  EXPECT_EQ(http.requests().at(0).headers, std::vector<std::string>{"X-Own: 1"});
}

TEST(SendAuthorized, AddsTheTokenToTheCallersHeaders) {
  FakeHttpClient http;
  CountingTokens tokens;
  ASSERT_TRUE(send_authorized(http, tokens, request_with_header()));
  EXPECT_EQ(http.requests().at(0).headers,
            (std::vector<std::string>{"X-Own: 1", "Authorization: Bearer token-1"}));
}

TEST(SendAuthorized, A401IsTriedOnceMoreWithANewToken) {
  FakeHttpClient http([](const SentRequest& request) {
    return answer(request.has_header("Authorization: Bearer token-2") ? 200 : 401);
  });
  CountingTokens tokens;
  EXPECT_EQ(send_authorized(http, tokens, request_with_header())->status, 200);
  EXPECT_EQ(http.requests().size(), 2u);
  EXPECT_EQ(http.requests().at(1).headers.size(), 2u);
}

TEST(SendAuthorized, ASecond401IsTheAnswer) {
  FakeHttpClient http([](const SentRequest&) { return answer(401); });
  CountingTokens tokens;
  EXPECT_EQ(send_authorized(http, tokens, request_with_header())->status, 401);
  EXPECT_EQ(http.requests().size(), 2u);
}

TEST(SendAuthorized, A401WithoutCredentialsIsNotTriedAgain) {
  FakeHttpClient http([](const SentRequest&) { return answer(401); });
  EXPECT_EQ(send_authorized(http, *make_anonymous_token_source(), request_with_header())->status,
            401);
  EXPECT_EQ(http.requests().size(), 1u);
}

TEST(SendAuthorized, WithoutATokenNothingIsSent) {
  FakeHttpClient http;
  NoTokens tokens;
  const auto response = send_authorized(http, tokens, request_with_header());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::denied);
  EXPECT_TRUE(http.requests().empty());
}

}  // namespace
}  // namespace walpulse::gcp
