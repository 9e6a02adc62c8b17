#include "publisher/doctor/shell_command.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdio>
#include <memory>

namespace walpulse::doctor {
namespace {

/// What /bin/sh makes of a word.
std::string read_by_a_shell(const std::string& word) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(("printf %s " + word).c_str(), "r"),
                                                   &pclose);
  std::string text;
  std::array<char, 256> buffer{};
  while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
    text.append(buffer.data(), count);
  return text;
}

TEST(ShellWord, StaysAsItIsWhereAShellSeesNothingInIt) {
  for (const char* plain : {"walpulse", "pubsub://my-project/mage-runs", "6h", "0/1995130"})
    EXPECT_EQ(shell_word(plain), plain);
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("host=10.0.0.5 user=mage"), "'host=10.0.0.5 user=mage'");
  EXPECT_EQ(shell_word("dbname='my mage'"), "\"dbname='my mage'\"");
  EXPECT_EQ(shell_word("it's $5"), "'it'\\''s $5'");
}

TEST(ShellWord, AShellReadsBackWhateverItHolds) {
  for (const char* hostile : {"it's", "a \"b\" c", "`id`", "$(id)", "a\nb", "a\\b", "'", "''", "!!",
                              "~", "*", "; id #", "'\"$\\`!\n",
                              "donn\xC3\xA9"
                              "es"})
    EXPECT_EQ(read_by_a_shell(shell_word(hostile)), hostile);
}

RC_GTEST_PROP(ShellWord, ReadsBackAnyText, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::element(' ', '\'', '"', '\\', '$', '`', '\n', '!', '*', '~', '#'),
                     rc::gen::inRange<char>(1, 127)));
  RC_ASSERT(read_by_a_shell(shell_word(text)) == text);
}

TEST(ShellCommand, LeavesOutWhatHasNoValue) {
  EXPECT_EQ(ShellCommand("walpulse-connector setup")
                .option("slot", "")
                .option("publication", "my pub")
                .text(),
            "walpulse-connector setup --publication 'my pub'");
}

TEST(ShellCommand, PsqlGetsAConnectionWhereOneIsKnown) {
  EXPECT_EQ(psql_command("host=h user=mage", "DROP PUBLICATION \"w\""),
            "psql 'host=h user=mage' -c 'DROP PUBLICATION \"w\"'");
  EXPECT_EQ(psql_command("", "SELECT 1"), "psql -c 'SELECT 1'");
}

}  // namespace
}  // namespace walpulse::doctor
