#include "monitor/api/answer_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace walpulse::monitor::api {
namespace {

using std::chrono::milliseconds;

const AnswerCache::Clock::time_point kStart{std::chrono::hours(1)};

AnswerCache::Answer answer_of(std::string body) {
  http::ServerResponse response;
  response.body = std::move(body);
  return std::make_shared<const http::ServerResponse>(std::move(response));
}

class Cache {
 public:
  explicit Cache(milliseconds kept = milliseconds(1000), std::size_t bytes_max = 1 << 20)
      : cache_(kept, bytes_max) {}
  void keep(const std::string& key, std::string body, int read_ms, int now_ms) {
    cache_.keep(key, answer_of(std::move(body)), kStart + milliseconds(read_ms),
                kStart + milliseconds(now_ms));
  }
  /// "none" where nothing serves.
  std::string find(const std::string& key, int now_ms) {
    const auto found = cache_.find(key, kStart + milliseconds(now_ms));
    return found ? found->body : "none";
  }

 private:
  AnswerCache cache_;
};

TEST(AnswerCache, AnAnswerServesForAWhileFromItsReading) {
  Cache cache;
  EXPECT_EQ(cache.find("a", 0), "none");
  cache.keep("a", "one", 0, 400);
  cache.keep("b", "two", 300, 400);
  EXPECT_EQ(cache.find("a", 1000), "one");
  EXPECT_EQ(cache.find("a", 1001), "none");
  EXPECT_EQ(cache.find("b", 1001), "two");
  EXPECT_EQ(cache.find("c", 1001), "none");
}

TEST(AnswerCache, WhatTookTooLongIsNotKept) {
  Cache cache;
  cache.keep("a", "one", 0, 1001);
  EXPECT_EQ(cache.find("a", 1001), "none");
  EXPECT_EQ(cache.find("a", 500), "none");
}

TEST(AnswerCache, BelowZeroNothingIsKept) {
  Cache cache(milliseconds(-1));
  cache.keep("a", "one", 0, 0);
  EXPECT_EQ(cache.find("a", 0), "none");
}

TEST(AnswerCache, TheNewerReadingStays) {
  Cache cache;
  cache.keep("a", "one", 100, 200);
  cache.keep("a", "older", 50, 300);
  EXPECT_EQ(cache.find("a", 300), "one");
  cache.keep("a", "two", 500, 600);
  EXPECT_EQ(cache.find("a", 600), "two");
  EXPECT_EQ(cache.find("a", 1400), "two") << "the one before it has run out, not this one";
  cache.keep("b", "other", 1400, 1400);
  EXPECT_EQ(cache.find("a", 1500), "two");
}

TEST(AnswerCache, AFullOneTakesMoreWhenWhatItHasRunsOut) {
  Cache cache(milliseconds(1000), 10'000);
  cache.keep("huge", std::string(20'000, 'x'), 0, 0);
  EXPECT_EQ(cache.find("huge", 0), "none");
  int kept = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string key = "a" + std::to_string(i);
    cache.keep(key, std::string(1000, 'x'), i, i);
    kept += cache.find(key, i) != "none";
  }
  EXPECT_GT(kept, 3);
  EXPECT_LT(kept, 10);
  EXPECT_NE(cache.find("a0", 100), "none") << "what serves is not thrown away";
  cache.keep("late", std::string(1000, 'x'), 2000, 2000);
  EXPECT_NE(cache.find("late", 2000), "none");
  EXPECT_EQ(cache.find("a0", 2000), "none");
}

/// However many different questions come: what is kept does not grow, and is right.
TEST(AnswerCache, ManyDifferentQuestionsComeAndGo) {
  Cache cache(milliseconds(10), 50'000);
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = "/runs?text=" + std::to_string(i % 300);
    cache.keep(key, key + std::string(static_cast<std::size_t>(i % 700), '.'), i / 4, i / 4);
    const std::string found = cache.find(key, i / 4);
    EXPECT_TRUE(found == "none" || found.starts_with(key)) << found;
  }
}

}  // namespace
}  // namespace walpulse::monitor::api
