#include "monitor/rules/toml_document.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

TEST(TomlDocument, KnowsTheLinesOfKeysAndTables) {
  const auto top =
      parse_document("\na = 1\n[[pipeline]]\nb = ['x',\n 'y']\n[[pipeline]]\nc.d = true\n");
  ASSERT_TRUE(top);
  EXPECT_EQ(top->entries.at(0).line, 2);
  const Node* tables = top->find("pipeline");
  ASSERT_NE(tables, nullptr);
  ASSERT_EQ(tables->items.size(), 2u);
  EXPECT_EQ(tables->items[0].line, 3);
  EXPECT_EQ(tables->items[1].line, 6);
  EXPECT_EQ(tables->items[0].entries.at(0).line, 4);
  const NodeEntry& dotted = tables->items[1].entries.at(0);
  EXPECT_EQ(dotted.key, "c");
  EXPECT_EQ(dotted.value.entries.at(0).line, 7);
  EXPECT_TRUE(dotted.value.entries.at(0).value.on);
}

TEST(TomlDocument, KeepsTheOrderOfTheFile) {
  const auto top = parse_document("z = 1\na = 2\nm.b = 3\nm.a = 4\n");
  ASSERT_TRUE(top);
  EXPECT_EQ(top->entries.at(0).key, "z");
  EXPECT_EQ(top->entries.at(1).key, "a");
  EXPECT_EQ(top->entries.at(2).value.entries.at(0).key, "b");
}

TEST(TomlDocument, NamesTheLineOfASyntaxError) {
  for (const char* text : {"a = 1\nb = \n", "a = 1\na = 2\n", "a = 1\n[x\n"}) {
    const auto top = parse_document(text);
    ASSERT_FALSE(top) << text;
    EXPECT_EQ(top.error().line, 2) << text;
    EXPECT_FALSE(top.error().what.empty());
  }
}

TEST(TomlDocument, RefusesKeysOfTooManyPartsBeforeTheyExhaustTheStack) {
  std::string deep = "a";
  for (int i = 0; i < 1'000'000; ++i) deep += ".a";
  for (const std::string& text :
       {"\n" + deep + " = 1", "\n[" + deep + "]", "\nx = {" + deep + " = 1}",
        "x = '''\n'''\nx = [\"\"\"a\"\"\"\"\", {" + deep + " = 1}]"}) {
    const auto top = parse_document(text);
    ASSERT_FALSE(top);
    EXPECT_GE(top.error().line, 2);
  }
}

TEST(TomlDocument, ManyDotsInTextsAreNone) {
  const std::string dots(200, '.');
  for (const std::string& text : {"a = '" + dots + "'", "a = \"\\\"" + dots + "\"",
                                  "a = \"\"\"\n\"" + dots + "\"\"\"", "a = 1 # " + dots,
                                  std::string("a = [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, "
                                              "1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]")}) {
    EXPECT_TRUE(parse_document(text)) << text;
  }
}

TEST(TomlDocument, WhatIsNestedTooDeepIsNoValue) {
  std::string nested = "1";
  for (int i = 0; i < 100; ++i) nested = "[" + nested + "]";
  ASSERT_TRUE(parse_document("a = " + nested));
  for (int i = 0; i < 100'000; ++i) nested = "[" + nested;
  EXPECT_FALSE(parse_document("a = " + nested));
}

}  // namespace
}  // namespace walpulse::rules
