#include "publisher/auth/caching_token_source.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace walpulse::auth {
namespace {

using namespace std::chrono_literals;

/// An issuer and a clock under the test's control.
struct Issuer {
  std::chrono::steady_clock::time_point now{1h};
  int calls = 0;
  bool down = false;
  std::chrono::seconds lifetime = 3600s;

  std::unique_ptr<TokenSource> source() {
    return make_caching_token_source(
        [this]() -> Result<AccessToken> {
          ++calls;
          if (down) return fail(ErrorKind::unavailable, "issuer down");
          return AccessToken{"token-" + std::to_string(calls), lifetime};
        },
        [this] { return now; });
  }
};

TEST(CachingTokenSource, AsksOnceForManyCalls) {
  Issuer issuer;
  const auto tokens = issuer.source();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(tokens->token(), "token-1");
  EXPECT_EQ(issuer.calls, 1);
}

TEST(CachingTokenSource, RefreshesEarly) {
  Issuer issuer;
  const auto tokens = issuer.source();
  EXPECT_EQ(tokens->token(), "token-1");
  issuer.now += 3600s - 226s;
  EXPECT_EQ(tokens->token(), "token-1");
  issuer.now += 1s;
  EXPECT_EQ(tokens->token(), "token-2");
  EXPECT_EQ(issuer.calls, 2);
}

TEST(CachingTokenSource, KeepsTheOldTokenWhileTheRefreshFails) {
  Issuer issuer;
  const auto tokens = issuer.source();
  EXPECT_EQ(tokens->token(), "token-1");
  issuer.down = true;
  issuer.now += 3600s - 100s;
  EXPECT_EQ(tokens->token(), "token-1");
  EXPECT_EQ(tokens->token(), "token-1");
  EXPECT_EQ(issuer.calls, 2) << "a failing issuer is not asked at every call";
  issuer.now += 10s;
  issuer.down = false;
  EXPECT_EQ(tokens->token(), "token-3");
}

TEST(CachingTokenSource, AnExpiredTokenIsNeverGiven) {
  Issuer issuer;
  const auto tokens = issuer.source();
  EXPECT_EQ(tokens->token(), "token-1");
  issuer.down = true;
  issuer.now += 3600s;
  const auto token = tokens->token();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::unavailable);
}

TEST(CachingTokenSource, ATokenShorterLivedThanTheEarlyRefreshIsStillReused) {
  Issuer issuer;
  issuer.lifetime = 60s;
  const auto tokens = issuer.source();
  EXPECT_EQ(tokens->token(), "token-1");
  EXPECT_EQ(tokens->token(), "token-1");
  issuer.now += 11s;
  EXPECT_EQ(tokens->token(), "token-2");
}

TEST(CachingTokenSource, ForgetsOnlyTheTokenThatWasRejected) {
  Issuer issuer;
  const auto tokens = issuer.source();
  EXPECT_EQ(tokens->token(), "token-1");
  tokens->invalidate("an older one");
  EXPECT_EQ(tokens->token(), "token-1");
  tokens->invalidate("token-1");
  EXPECT_EQ(tokens->token(), "token-2");
}

TEST(CachingTokenSource, ManyThreadsWithoutATokenWaitForOneRequest) {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::promise<void> asked;
  std::atomic<int> calls = 0;
  const auto tokens = make_caching_token_source([&]() -> Result<AccessToken> {
    if (calls++ == 0) asked.set_value();
    released.wait();
    return AccessToken{"shared", 3600s};
  });
  std::atomic<int> served = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        if (tokens->token() == "shared") ++served;
      });
    }
    asked.get_future().wait();
    release.set_value();
  }
  EXPECT_EQ(served, 8);
  EXPECT_EQ(calls, 1);
}

TEST(CachingTokenSource, OthersGoOnWithTheOldTokenDuringARefresh) {
  std::atomic<std::int64_t> now_s = 0;
  std::promise<void> asked;
  std::promise<void> release;
  std::atomic<int> calls = 0;
  const auto tokens = make_caching_token_source(
      [&]() -> Result<AccessToken> {
        if (++calls == 1) return AccessToken{"old", 3600s};
        asked.set_value();
        release.get_future().wait();
        return AccessToken{"new", 3600s};
      },
      [&] { return std::chrono::steady_clock::time_point(std::chrono::seconds(now_s)); });
  ASSERT_EQ(tokens->token(), "old");
  now_s = 3500;
  std::jthread refresher([&] { EXPECT_EQ(tokens->token(), "new"); });
  asked.get_future().wait();
  EXPECT_EQ(tokens->token(), "old");  // Would hang if the lock were held across the call.
  release.set_value();
  refresher.join();
  EXPECT_EQ(tokens->token(), "new");
}

}  // namespace
}  // namespace walpulse::auth
