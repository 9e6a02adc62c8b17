#include "decoder/schema/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "decoder/base/utf8.h"

namespace walpulse::schema {
namespace {

using testing::ElementsAre;
using testing::Pair;

using Pairs = std::vector<std::pair<std::string, std::string>>;

static_assert(std::forward_iterator<Attributes::Iterator>);

Attributes attributes_of(const Pairs& pairs) {
  Attributes attributes;
  for (const auto& [name, value] : pairs) attributes.set(name, value);
  return attributes;
}

TEST(Attributes, AreFoundByName) {
  const Attributes attributes = {{"op", "c"}, {"replay", ""}, {"table", "public.runs"}};
  EXPECT_EQ(attributes.find("op"), "c");
  EXPECT_EQ(attributes.find("table"), "public.runs");
  EXPECT_EQ(attributes.find("replay"), "");
  EXPECT_EQ(attributes.find("o"), "");
  EXPECT_EQ(attributes.find("c"), "");
}

TEST(Attributes, KeepTheirOrderWhereAValueIsReplaced) {
  Attributes attributes = {{"op", "c"}, {"replay", ""}, {"table", "public.runs"}};
  attributes.set("op", "a longer one");
  attributes.set("table", "t");
  attributes.set("replay", "true");
  EXPECT_THAT(attributes,
              ElementsAre(Pair("op", "a longer one"), Pair("replay", "true"), Pair("table", "t")));
}

TEST(Attributes, WithoutAnyAreEmpty) {
  const Attributes none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.bytes(), 0u);
  EXPECT_EQ(none.find(""), "");
  EXPECT_EQ(none.begin(), none.end());
}

RC_GTEST_PROP(Attributes, HoldWhatALaterValueReplaced, (const Pairs& given)) {
  const Attributes attributes = attributes_of(given);
  Pairs expected;
  for (const auto& [name, value] : given) {
    const auto known = std::find_if(expected.begin(), expected.end(),
                                    [&](const auto& each) { return each.first == name; });
    if (known == expected.end()) {
      expected.emplace_back(name, value);
    } else {
      known->second = value;
    }
  }
  RC_ASSERT(Pairs(attributes.begin(), attributes.end()) == expected);
  RC_ASSERT(attributes == attributes_of(expected));
  for (const auto& [name, value] : expected) RC_ASSERT(attributes.find(name) == value);
}

TEST(AttributesJson, AreMembersOfAnObject) {
  AttributesJson attributes = {{"op", "c"}, {"quoted", "a\"b"}};
  EXPECT_EQ(attributes.members(), R"("op":"c","quoted":"a\"b")");
  EXPECT_EQ(attributes.find("quoted"), "a\"b");
  EXPECT_EQ(attributes.find("none"), "");
  attributes.clear();
  EXPECT_TRUE(attributes.empty());
  EXPECT_EQ(attributes.read(), Attributes());
}

RC_GTEST_PROP(AttributesJson, ReadBackAsTheyWereAdded, (const Pairs& given)) {
  Attributes wanted;
  for (const auto& [name, value] : attributes_of(given)) {
    wanted.set(utf8_or_replaced(std::string(name)), utf8_or_replaced(std::string(value)));
  }
  RC_ASSERT(AttributesJson(attributes_of(given)).read() == wanted);
}

}  // namespace
}  // namespace walpulse::schema
