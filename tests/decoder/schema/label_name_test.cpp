#include "decoder/schema/label_name.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace walpulse::schema {
namespace {

TEST(LabelName, IsWhatBothMetricsServicesTake) {
  for (const char* name : {"partner", "_", "A1_b", "_9"}) EXPECT_TRUE(is_label_name(name)) << name;
  for (const char* name : {"", "9a", "a-b", "a b", "caf\xC3\xA9", "a\n", "a{"})
    EXPECT_FALSE(is_label_name(name)) << name;
}

TEST(LabelName, TheNearestOfAnyOther) {
  EXPECT_EQ(label_name_of("partner"), "partner");
  EXPECT_EQ(label_name_of("bad name-1"), "bad_name_1");
  EXPECT_EQ(label_name_of("1st"), "_1st");
  EXPECT_EQ(label_name_of(""), "_");
  EXPECT_EQ(label_name_of("__name__"), "_name__");
  EXPECT_EQ(label_name_of("---"), "_");
  EXPECT_EQ(label_name_of("caf\xE9"), "caf_");
  EXPECT_EQ(label_name_of(std::string(300, 'x')), std::string(100, 'x'));
}

RC_GTEST_PROP(LabelName, OfAnyBytesIsOneAndOfItselfTheSame, (const std::string& any)) {
  const std::string name = label_name_of(any);
  RC_ASSERT(is_label_name(name));
  RC_ASSERT(name.size() <= 100u);
  RC_ASSERT(!name.starts_with("__"));
  RC_ASSERT(label_name_of(name) == name);
}

}  // namespace
}  // namespace walpulse::schema
