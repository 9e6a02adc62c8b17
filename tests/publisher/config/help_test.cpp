#include "publisher/config/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "decoder/schema/change_event.h"
#include "tests/publisher/config/brewer.h"

namespace walpulse::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

tl::expected<Given, Exit> say(const std::vector<std::string>& arguments, std::size_t columns = 80) {
  static const Program kProgram = brewer();
  Sources sources;
  sources.columns = columns;
  return gather(kProgram, arguments, sources);
}

TEST(Help, OfACommandHasOneShape) {
  const auto said = say({"brew", "--help"});
  ASSERT_FALSE(said.has_value());
  EXPECT_EQ(said.error().code, 0);
  EXPECT_EQ(said.error().text,
            R"(Makes it.

Usage: brewer brew --spice SPICE [OPTIONS]

Required:
  --spice SPICE            what goes in; repeatable

Options:
  --name NAME              what it is called [pot]
  --key KEY                opens the cupboard
  --wait TIME              how long
  --water-amount-of-the-whole-pot BYTES
                           how much
  --grind coarse|fine      how fine [coarse]
  --hot                    as it should be
  --http-port PORT         where
  --config FILE            file of settings [/etc/brewer.toml where it exists]
  -h, --help               this text

Examples:
  brewer brew

How options stand in the environment and in the file: brewer --help.

Exit codes: 0 drunk, 64 wrong usage, 69 the server, the ledger or the port
cannot be had, 78 wrong environment or configuration file.
)");
}

TEST(Help, OfTheProgramTellsWhereElseOptionsStand) {
  const auto said = say({"--help"});
  ASSERT_FALSE(said.has_value());
  EXPECT_THAT(said.error().text,
              AllOf(HasSubstr("\nSettings:\n"), HasSubstr("--http-port 8080 "),
                    HasSubstr("WALPULSE_HTTP_PORT=8080"), HasSubstr("http-port = 8080"),
                    HasSubstr("WALPULSE_CONFIG"), HasSubstr("/etc/brewer.toml")));
}

TEST(Help, IsAsWideAsTheTerminal) {
  for (const std::size_t columns : {60u, 80u, 100u}) {
    for (const auto& arguments : {std::vector<std::string>{"--help"}, {"brew", "--help"}}) {
      const auto said = say(arguments, columns);
      ASSERT_FALSE(said.has_value());
      std::istringstream lines(said.error().text);
      std::size_t longest = 0;
      for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
      EXPECT_LE(longest, columns);
      EXPECT_GT(longest, columns - 15);
    }
  }
}

TEST(Help, ShowsEveryWayToCallACommand) {
  for (const auto& arguments :
       {std::vector<std::string>{"beans", "--help"}, {"beans", "buy", "--help"}}) {
    const auto said = say(arguments);
    ASSERT_FALSE(said.has_value());
    EXPECT_THAT(said.error().text,
                HasSubstr("Usage: brewer beans list [OPTIONS]\n"
                          "       brewer beans buy SORT COUNT [OPTIONS]\n\nCommands:\n"
                          "  list                     say what is there\n"
                          "  buy                      get some\n"
                          "    SORT                   which\n"
                          "    COUNT                  how many\n\n"
                          "Options:\n"));
  }
}

TEST(Help, OfTheProgramNamesItsCommandsAndEveryExitCodeOfTheirs) {
  const auto said = say({"--help"});
  ASSERT_FALSE(said.has_value());
  EXPECT_THAT(said.error().text, HasSubstr("  beans                    see to them\n"));
  EXPECT_THAT(said.error().text,
              HasSubstr("Exit codes: 0 done as asked, 64 wrong usage, 69 the server,"));
}

TEST(Help, SaysTheVersion) {
  const auto said = say({"--version"});
  ASSERT_FALSE(said.has_value());
  EXPECT_EQ(said.error().text, "brewer " + std::string(schema::kProgramVersion) + "\n");
}

}  // namespace
}  // namespace walpulse::config
