#include "connector/catalog/base_types.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

struct Remembering : ::testing::Test {
  BaseTypeFinder finder = remembering(
      {{Oid{16500}, Oid{23}}},
      [this](Oid) {
        ++asked;
        return answer;
      },
      [this] { return now; });

  Result<std::optional<Oid>> answer = std::optional<Oid>();
  std::chrono::steady_clock::time_point now;
  int asked = 0;
};

TEST_F(Remembering, WhatIsKnownIsNotAskedFor) {
  EXPECT_EQ(finder(Oid{16500}).value(), Oid{23});
  EXPECT_EQ(asked, 0);
}

TEST_F(Remembering, WhatATypeIsUnderneathIsAskedOnce) {
  answer = std::optional(Oid{114});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(finder(Oid{16501}).value(), Oid{114});
  now += 24h;
  EXPECT_EQ(finder(Oid{16501}).value(), Oid{114});
  EXPECT_EQ(asked, 1);
}

TEST_F(Remembering, ThatATypeIsGoneIsBelievedForAMinute) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(finder(Oid{16501}).value());
  now += 59s;
  EXPECT_FALSE(finder(Oid{16501}).value());
  EXPECT_EQ(asked, 1);
  answer = std::optional(Oid{25});
  now += 1s;
  EXPECT_EQ(finder(Oid{16501}).value(), Oid{25}) << "it is seen at last";
  EXPECT_EQ(asked, 2);
}

TEST_F(Remembering, AQuestionInVainIsAskedAgain) {
  answer = fail(ErrorKind::unavailable, "the server is away");
  EXPECT_FALSE(finder(Oid{16501}));
  answer = std::optional(Oid{25});
  EXPECT_EQ(finder(Oid{16501}).value(), Oid{25});
}

}  // namespace
}  // namespace walpulse::connector
