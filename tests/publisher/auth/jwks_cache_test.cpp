#include "publisher/auth/jwks_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "publisher/auth/jwt.h"
#include "publisher/auth/jwt_token.h"
#include "tests/publisher/auth/rsa_test_key.h"
#include "tests/publisher/http/fake_client.h"

namespace walpulse::auth {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Verdict = JwksCache::Verdict;
using std::chrono::seconds;

const RsaTestKey& test_key() {
  static const RsaTestKey key;
  return key;
}

class JwksCacheTest : public testing::Test {
 protected:
  Verdict verify(const std::string& kid) {
    static const std::string token = *JwtKey::from_pem(test_key().private_pem())->sign("{}", "{}");
    const std::size_t dot = token.rfind('.');
    return ring_.verify(kid, std::string_view(token).substr(0, dot),
                        *decode_base64_url(token.substr(dot + 1)));
  }
  static http::Response jwks(const std::string& kid, const std::string& cache = "") {
    http::Response response = http::answer(200, test_key().jwks(kid));
    if (!cache.empty()) response.headers.emplace_back("cache-control", cache);
    return response;
  }

  std::chrono::steady_clock::time_point now_{seconds(1000)};
  Result<http::Response> answer_ = jwks("k1");
  http::FakeClient http_{[this](const http::SentRequest&) { return answer_; }};
  JwksCache ring_{http_, "https://keys.example.com/certs", [this] { return now_; }};
};

TEST_F(JwksCacheTest, DecidesNothingBeforeItHasKeys) {
  EXPECT_EQ(verify("k1"), Verdict::undecided);
  EXPECT_THAT(ring_.health(), HasSubstr("https://keys.example.com/certs"));
  EXPECT_EQ(ring_.refresh(), 1u);
  EXPECT_THAT(ring_.health(), IsEmpty());
  EXPECT_EQ(verify("k1"), Verdict::valid);
}

TEST_F(JwksCacheTest, KeepsTheKeysAsLongAsTheIssuerSays) {
  answer_ = jwks("k1", "public, max-age=20000, must-revalidate");
  ASSERT_TRUE(ring_.refresh());
  EXPECT_EQ(ring_.next_refresh(), now_ + seconds(20000));
}

TEST_F(JwksCacheTest, KeepsTheOldKeysWhileTheIssuerIsDown) {
  ASSERT_TRUE(ring_.refresh());
  for (const Result<http::Response>& broken :
       {Result<http::Response>(http::answer(503)),
        Result<http::Response>(http::answer(200, "<html>")),
        Result<http::Response>(http::answer(200, "{\"keys\":[]}")),
        Result<http::Response>(fail(ErrorKind::timed_out, "slow"))}) {
    answer_ = broken;
    EXPECT_FALSE(ring_.refresh());
    EXPECT_EQ(verify("k1"), Verdict::valid);
    EXPECT_THAT(ring_.warning(), HasSubstr("are old"));
    EXPECT_THAT(ring_.health(), IsEmpty());
    EXPECT_EQ(ring_.next_refresh(), now_ + seconds(60));
  }
  answer_ = jwks("k1");
  EXPECT_TRUE(ring_.refresh());
  EXPECT_THAT(ring_.warning(), IsEmpty());
}

TEST_F(JwksCacheTest, TriesEverLessOftenForItsFirstKeys) {
  answer_ = fail(ErrorKind::unavailable, "no network");
  for (const int pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
    EXPECT_FALSE(ring_.refresh());
    EXPECT_EQ(ring_.next_refresh(), now_ + seconds(pause));
  }
  EXPECT_THAT(ring_.health(), HasSubstr("no network"));
}

TEST_F(JwksCacheTest, TakesARotatedKeyWithTheFirstTokenOfIt) {
  ASSERT_TRUE(ring_.refresh());
  answer_ = jwks("k2");
  now_ += seconds(3000);
  EXPECT_EQ(verify("k2"), Verdict::undecided);
  EXPECT_EQ(http_.requests().size(), 1u) << "whoever asks does not fetch";
  EXPECT_TRUE(ring_.refresh());
  EXPECT_EQ(verify("k2"), Verdict::valid);
  EXPECT_EQ(verify("k1"), Verdict::unknown_key);
}

TEST_F(JwksCacheTest, IsNotSentToTheIssuerByMadeUpNames) {
  ASSERT_TRUE(ring_.refresh());
  now_ += seconds(29);
  for (const char* name : {"a", "b", ""}) EXPECT_EQ(verify(name), Verdict::unknown_key);
  now_ += seconds(1);
  EXPECT_EQ(verify("a"), Verdict::undecided);
  EXPECT_EQ(verify("b"), Verdict::undecided) << "one fetch for all";
  ASSERT_TRUE(ring_.refresh());
  EXPECT_EQ(verify("a"), Verdict::unknown_key);
}

TEST_F(JwksCacheTest, DoesNotCallAKeyUnknownThatItCouldNotAskFor) {
  ASSERT_TRUE(ring_.refresh());
  answer_ = http::answer(500);
  EXPECT_FALSE(ring_.refresh());
  EXPECT_EQ(verify("k2"), Verdict::undecided);
}

TEST_F(JwksCacheTest, FetchesByItselfOnceStarted) {
  std::promise<void> fetched;
  http::FakeClient http([&](const http::SentRequest&) {
    fetched.set_value();
    return jwks("k1");
  });
  JwksCache ring(http, "https://keys.example.com/certs");
  ring.start();
  EXPECT_EQ(fetched.get_future().wait_for(seconds(20)), std::future_status::ready);
}

TEST(FreshFor, ReadsMaxAgeLessAge) {
  EXPECT_EQ(fresh_for("public, max-age=20000", "5000"), seconds(15000));
  EXPECT_EQ(fresh_for("max-age=0", ""), seconds(300));
  EXPECT_EQ(fresh_for("max-age=99999999999", ""), seconds(86400));
  EXPECT_EQ(fresh_for("max-age=600", "700"), seconds(300));
  EXPECT_EQ(fresh_for("", ""), seconds(3600));
  EXPECT_EQ(fresh_for("max-age=soon", "x"), seconds(3600));
}

}  // namespace
}  // namespace walpulse::auth
