#include "decoder/schema/packed_attributes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace walpulse::schema {
namespace {

TEST(PackedAttributes, AreFoundByName) {
  const PackedAttributes attributes = {{"op", "c"}, {"replay", ""}, {"table", "public.runs"}};
  EXPECT_EQ(attributes.find("op"), "c");
  EXPECT_EQ(attributes.find("table"), "public.runs");
  EXPECT_EQ(attributes.find("replay"), "");
  EXPECT_EQ(attributes.find("o"), "");
  EXPECT_EQ(attributes.find("c"), "");
}

TEST(PackedAttributes, WithoutAnyAreEmpty) {
  const PackedAttributes none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.bytes(), 0u);
  EXPECT_EQ(none.find(""), "");
  EXPECT_EQ(none.begin(), none.end());
}

RC_GTEST_PROP(PackedAttributes, HoldWhatALaterValueReplaced, (const Attributes& given)) {
  PackedAttributes packed;
  Attributes expected;
  for (const auto& [name, value] : given) {
    packed.set(name, value);
    const auto known = std::find_if(expected.begin(), expected.end(),
                                    [&](const auto& each) { return each.first == name; });
    if (known == expected.end()) {
      expected.emplace_back(name, value);
    } else {
      known->second = value;
    }
  }
  RC_ASSERT(packed.unpacked() == expected);
  RC_ASSERT(packed == PackedAttributes(expected));
  for (const auto& [name, value] : expected) RC_ASSERT(packed.find(name) == value);
}

}  // namespace
}  // namespace walpulse::schema
