#include "monitor/rules/text_template.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(const Result<TextTemplate>& read) { return read ? "" : read.error().message; }

TEST(TextTemplate, PutsInWhatWasCaptured) {
  const auto text = TextTemplate::read("{team}-data/{x}{team}").value();
  EXPECT_THAT(text.names(), ElementsAre("team", "x", "team"));
  EXPECT_EQ(text.filled({{"team", "fin"}, {"x", "1"}}), "fin-data/1fin");
  EXPECT_EQ(text.filled({}), "-data/") << "what was not captured is nothing";
}

TEST(TextTemplate, WhatIsCapturedIsNoTemplateItself) {
  EXPECT_EQ(TextTemplate::read("<{a}>").value().filled({{"a", "{a}"}}), "<{a}>");
}

TEST(TextTemplate, AnAddressIsEncoded) {
  const auto text =
      TextTemplate::read_address("https://wiki.example.com/{system}?q={system}").value();
  EXPECT_EQ(text.filled({{"system", "a/../b c&d#é"}}),
            "https://wiki.example.com/a%2F..%2Fb%20c%26d%23%C3%A9?q=a%2F..%2Fb%20c%26d%23%C3%A9");
}

TEST(TextTemplate, NoNameChoosesWhereAnAddressLeads) {
  EXPECT_THAT(refusal(TextTemplate::read_address("https://{a}/x")), HasSubstr("before the host"));
  EXPECT_THAT(refusal(TextTemplate::read_address("https://x.{a}")), HasSubstr("before the host"));
  EXPECT_THAT(refusal(TextTemplate::read_address("{a}://x/y")), HasSubstr("not an address"));
  EXPECT_THAT(refusal(TextTemplate::read_address("javascript:alert(1)")),
              HasSubstr("not an address"));
  EXPECT_THAT(refusal(TextTemplate::read_address("https://")), HasSubstr("not an address"));
  EXPECT_THAT(refusal(TextTemplate::read_address("")), HasSubstr("not an address"));
}

TEST(TextTemplate, IsRefusedWithWhatIsWrong) {
  EXPECT_EQ(refusal(TextTemplate::read("")), "is empty");
  EXPECT_THAT(refusal(TextTemplate::read("a{b")), HasSubstr("not in pairs"));
  EXPECT_THAT(refusal(TextTemplate::read("a}b")), HasSubstr("not in pairs"));
  EXPECT_THAT(refusal(TextTemplate::read("{a{b}}")), HasSubstr("not the name"));
  EXPECT_THAT(refusal(TextTemplate::read("a\x1b[31m")), HasSubstr("control character"));
  EXPECT_THAT(refusal(TextTemplate::read(std::string(1'025, 'a'))), HasSubstr("longer than 1024"));
}

}  // namespace
}  // namespace walpulse::rules
