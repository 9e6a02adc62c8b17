#include "publisher/auth/token_source.h"

#include <gtest/gtest.h>

#include "tests/publisher/http/fake_client.h"

namespace walpulse::auth {
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

http::Request request_with_header() {
  http::Request request;
  request.url = "https://service";
  request.headers = {"X-Own: 1"};
  return request;
}

TEST(SendAuthorized, AnAnonymousSourceSendsNoHeader) {
  http::FakeClient http;
  const auto anonymous = make_anonymous_token_source();
  ASSERT_TRUE(send_authorized(http, *anonymous, request_with_header()));
  EXPECT_EQ(http.requests().at(0).headers, std::vector<std::string>{"X-Own: 1"});
}

TEST(SendAuthorized, AddsTheTokenToTheCallersHeaders) {
  http::FakeClient http;
  CountingTokens tokens;
  ASSERT_TRUE(send_authorized(http, tokens, request_with_header()));
  EXPECT_EQ(http.requests().at(0).headers,
            (std::vector<std::string>{"X-Own: 1", "Authorization: Bearer token-1"}));
}

TEST(SendAuthorized, A401IsTriedOnceMoreWithANewToken) {
  http::FakeClient http([](const http::SentRequest& request) {
    return http::answer(request.has_header("Authorization: Bearer token-2") ? 200 : 401);
  });
  CountingTokens tokens;
  EXPECT_EQ(send_authorized(http, tokens, request_with_header())->status, 200);
  EXPECT_EQ(http.requests().size(), 2u);
  EXPECT_EQ(http.requests().at(1).headers.size(), 2u);
}

TEST(SendAuthorized, ASecond401IsTheAnswer) {
  http::FakeClient http([](const http::SentRequest&) { return http::answer(401); });
  CountingTokens tokens;
  EXPECT_EQ(send_authorized(http, tokens, request_with_header())->status, 401);
  EXPECT_EQ(http.requests().size(), 2u);
}

TEST(SendAuthorized, A401WithoutCredentialsIsNotTriedAgain) {
  http::FakeClient http([](const http::SentRequest&) { return http::answer(401); });
  EXPECT_EQ(send_authorized(http, *make_anonymous_token_source(), request_with_header())->status,
            401);
  EXPECT_EQ(http.requests().size(), 1u);
}

TEST(SendAuthorized, WithoutATokenNothingIsSent) {
  http::FakeClient http;
  NoTokens tokens;
  const auto response = send_authorized(http, tokens, request_with_header());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::denied);
  EXPECT_TRUE(http.requests().empty());
}

}  // namespace
}  // namespace walpulse::auth
