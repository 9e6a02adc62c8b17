#include "decoder/schema/bounded_name.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "decoder/base/utf8.h"

namespace walpulse::schema {
namespace {

TEST(BoundedName, IsItselfUpToTheBound) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kNameBytesMax}) {
    const std::string name(size, 'x');
    EXPECT_EQ(bounded_name(name), name);
  }
}

TEST(BoundedName, TwoThatBeginAlikeStayTwo) {
  const std::string name(4'000, 'x');
  const std::string bounded = bounded_name(name + 'a');
  EXPECT_EQ(bounded, bounded_name(name + 'a'));
  EXPECT_NE(bounded, bounded_name(name + 'b'));
  EXPECT_TRUE(bounded.starts_with("xxx"));
  EXPECT_EQ(bounded.size(), kNameBytesMax);
}

TEST(BoundedName, EndsBehindAWholeCharacter) {
  for (std::size_t first = 0; first < 4; ++first) {
    std::string name(first, 'x');
    while (name.size() < 2'000) name += "\xF0\x9F\x8C\x8A";
    const std::string bounded = bounded_name(name);
    EXPECT_TRUE(is_utf8(bounded));
    EXPECT_LE(bounded.size(), kNameBytesMax);
    EXPECT_GT(bounded.size(), kNameBytesMax - 4);
  }
}

RC_GTEST_PROP(BoundedName, IsBoundedAndOfItselfTheSame, (const std::string& some)) {
  std::string name = some;
  while (!some.empty() && name.size() < kNameBytesMax * 2) name += some;
  const std::string bounded = bounded_name(name);
  RC_ASSERT(bounded.size() <= kNameBytesMax);
  RC_ASSERT(bounded_name(bounded) == bounded);
}

}  // namespace
}  // namespace walpulse::schema
