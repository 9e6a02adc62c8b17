#include "tests/decoder/schema/column_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace walpulse::schema {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string_view>;

TEST(ColumnOrder, KeepsEveryChainsOrder) {
  EXPECT_THAT(merge_orders({{"a", "c"}, {"b", "c"}, {"a", "b"}}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(merge_orders({{"id", "status"}, {"id"}, {"variables"}, {}}),
              ElementsAre("id", "status", "variables"));
}

TEST(ColumnOrder, EndsWithChainsThatContradictEachOther) {
  EXPECT_THAT(merge_orders({{"a", "b"}, {"b", "a"}}), ElementsAre("a", "b"));
  EXPECT_THAT(merge_orders({{"a", "a"}}), ElementsAre("a"));
}

TEST(ColumnOrder, OfAnySubsequencesKeepsThemAll) {
  const Names table = {"a", "b", "c", "d", "e", "f", "g", "h"};
  EXPECT_TRUE(rc::check([&] {
    std::vector<Names> chains;
    for (int i = 0; i < 4; ++i) {
      Names chain;
      for (const auto name : table) {
        if (*rc::gen::arbitrary<bool>()) chain.push_back(name);
      }
      chains.push_back(chain);
    }
    const Names order = merge_orders(chains);
    for (const Names& chain : chains) {
      std::size_t found = 0;
      for (const auto name : order) found += found < chain.size() && chain[found] == name ? 1 : 0;
      RC_ASSERT(found == chain.size());
    }
  }));
}

}  // namespace
}  // namespace walpulse::schema
