#include "decoder/schema/attributes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "decoder/base/utf8.h"

namespace walpulse::schema {
namespace {

TEST(AttributesJson, AreMembersOfAnObject) {
  AttributesJson attributes = {{"op", "c"}, {"quoted", "a\"b"}};
  EXPECT_EQ(attributes.members(), R"("op":"c","quoted":"a\"b")");
  EXPECT_EQ(attributes.find("quoted"), "a\"b");
  EXPECT_EQ(attributes.find("none"), "");
  attributes.clear();
  EXPECT_TRUE(attributes.empty());
  EXPECT_EQ(attributes.read(), Attributes());
}

RC_GTEST_PROP(AttributesJson, ReadBackAsTheyWereAdded, (const Attributes& given)) {
  Attributes wanted;
  for (const auto& [name, value] : given) {
    wanted.emplace_back(utf8_or_replaced(name), utf8_or_replaced(value));
  }
  RC_ASSERT(AttributesJson(given).read() == wanted);
}

}  // namespace
}  // namespace walpulse::schema
