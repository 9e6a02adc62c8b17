#include "monitor/rules/target.h"

#include <gmock/gmock.h>

namespace walpulse::rules {
namespace {

ValueOf always(const std::string& value) {
  return [value](std::string_view) { return value; };
}

TEST(Target, ValuesAreCleaned) {
  EXPECT_EQ(filled_channel("#data-{team}", always("Finance & Risk")), "#data-finance-risk");
  EXPECT_EQ(filled_channel("#p_{team}_x", always("a_b")), "#p_a_b_x");
  EXPECT_EQ(filled_channel("#data-{team}", always("x>,<!channel>\n#general")),
            "#data-x-channel-general");
  EXPECT_EQ(filled_channel("#{{{team}", always("a")), "#{a");
  EXPECT_EQ(filled_channel("#" + std::string(200, 'a'), always("")).size(), 80u);
}

TEST(Target, WithoutAValueWhatJoinsItGoesToo) {
  EXPECT_EQ(filled_channel("#data-{team}", always("")), "#data");
  EXPECT_EQ(filled_channel("#data-{team}-alerts", always("")), "#data-alerts");
  EXPECT_EQ(filled_channel("#{team}-alerts", always("")), "#alerts");
  EXPECT_EQ(filled_channel("#data-{team}", always("!!!")), "#data") << "nothing of it can be kept";
  EXPECT_EQ(filled_channel("#data-{team}", always("é")), "#data");
}

TEST(Target, MailGoesToAddressesThatAreWhole) {
  const std::vector<std::string> to{"data@example.com", "{owner}", "team-{team}@example.com"};
  const auto with = [&](const std::string& owner, const std::string& team) {
    return filled_recipients(to,
                             [&](std::string_view name) { return name == "owner" ? owner : team; });
  };
  EXPECT_EQ(with("fin@example.com", "Fin"),
            "data@example.com, fin@example.com, team-fin@example.com");
  EXPECT_EQ(with("", ""), "data@example.com");
  EXPECT_EQ(with("Ana", ""), "data@example.com") << "a name is no address";
  EXPECT_EQ(with("a@example.com, b@evil.example", ""), "data@example.com");
  EXPECT_EQ(with("a@example.com\r\nBcc: x@evil.example", ""), "data@example.com");
  EXPECT_EQ(with("data@example.com", ""), "data@example.com") << "each once";
}

TEST(Target, MailAddressesArePlain) {
  for (const std::string text : {"a@example.com", "a.b+c@mail.example.com", "a_b-c@localhost"}) {
    EXPECT_TRUE(is_mail_address(text)) << text;
  }
  for (const std::string text : {"", "a", "@example.com", "a@", "a b@example.com", "a@b@c",
                                 "\"a\"@example.com", "a@-x", "<a@example.com>"}) {
    EXPECT_FALSE(is_mail_address(text)) << text;
  }
}

}  // namespace
}  // namespace walpulse::rules
