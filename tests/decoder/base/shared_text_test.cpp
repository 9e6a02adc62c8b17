#include "decoder/base/shared_text.h"

#include <gtest/gtest.h>

#include <string>

namespace walpulse {
namespace {

TEST(SharedText, IsItsTextByValueAndCopiesShareItsBytes) {
  const SharedText one("a text of more than fifteen bytes");
  const SharedText copy = one;
  EXPECT_EQ(one, "a text of more than fifteen bytes");
  EXPECT_EQ(copy.str().data(), one.str().data());
  EXPECT_EQ(SharedText(std::string("x")), SharedText("x"));
  EXPECT_FALSE(SharedText("x") == SharedText("y"));
}

TEST(SharedText, WithoutBytesIsTheEmptyText) {
  EXPECT_TRUE(SharedText().empty());
  EXPECT_TRUE(SharedText("").empty());
  EXPECT_EQ(SharedText(), SharedText(""));
  EXPECT_EQ(SharedText().str(), "");
  EXPECT_FALSE(SharedText(std::string(1, '\0')).empty());
}

TEST(TextPool, GivesEqualTextsTheSameBytes) {
  SharedText kept;
  {
    TextPool pool;
    kept = pool.shared("partner=acme, region=eu");
    EXPECT_EQ(pool.shared("partner=acme, region=eu").str().data(), kept.str().data());
    EXPECT_NE(pool.shared("partner=acme, region=us").str().data(), kept.str().data());
    const std::string with_zero("a\0b", 3);
    EXPECT_EQ(pool.shared(with_zero).str(), with_zero);
    EXPECT_EQ(pool.shared("a").str(), "a");
    EXPECT_TRUE(pool.shared("").empty());
  }
  EXPECT_EQ(kept, "partner=acme, region=eu") << "it outlives the pool";
}

}  // namespace
}  // namespace walpulse
