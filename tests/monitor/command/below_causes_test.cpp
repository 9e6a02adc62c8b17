#include "monitor/command/below_causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <optional>

namespace walpulse::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

/// Counts how often two are compared.
struct Key {
  int value = 0;
  static inline std::uint64_t compared = 0;
  bool operator<(const Key& other) const {
    ++compared;
    return value < other.value;
  }
};

struct Item {
  int key = 0;
  std::optional<int> cause;
};

std::vector<std::pair<int, bool>> order_of(const std::vector<Item>& items) {
  const auto key_of = [](const Item& item) { return Key{item.key}; };
  const auto cause_of = [](const Item& item) {
    return item.cause ? std::optional(Key{*item.cause}) : std::nullopt;
  };
  std::vector<std::pair<int, bool>> order;
  for (const auto& [item, below] : below_causes(items, key_of, cause_of))
    order.emplace_back(item.key, below);
  return order;
}

TEST(BelowCauses, WhatHangsUnderOneStandsBelowItInItsOrder) {
  EXPECT_THAT(order_of({}), IsEmpty());
  EXPECT_THAT(
      order_of({{4, 2}, {3, {}}, {2, {}}, {5, 9}, {1, 2}}),
      ElementsAre(Pair(3, false), Pair(2, false), Pair(4, true), Pair(1, true), Pair(5, false)))
      << "5 hangs under what is not there";
}

TEST(BelowCauses, ComparesNLogNTimes) {
  for (const int count : {1'000, 10'000, 100'000}) {
    std::vector<Item> items{{0, {}}};
    for (int i = 1; i < count; ++i)
      items.push_back({i, i % 2 == 0 ? std::optional(0) : std::nullopt});
    Key::compared = 0;
    EXPECT_EQ(order_of(items).size(), items.size());
    const auto log = static_cast<std::uint64_t>(std::bit_width(static_cast<unsigned>(count)));
    EXPECT_LT(Key::compared, 5 * log * items.size());
  }
}

}  // namespace
}  // namespace walpulse::monitor
