#include "publisher/config/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decoder/schema/change_event.h"
#include "tests/publisher/config/brewer.h"

namespace walpulse::config {
namespace {

using ::testing::HasSubstr;

tl::expected<Given, Exit> say(const std::vector<std::string>& arguments) {
  static const Program kProgram = brewer();
  return gather(kProgram, arguments, {});
}

TEST(Help, OfACommandHasOneShape) {
  const auto said = say({"brew", "--help"});
  ASSERT_FALSE(said.has_value());
  EXPECT_EQ(said.error().code, 0);
  EXPECT_EQ(said.error().text,
            R"(Makes it.

Usage: brewer brew [OPTIONS]

Options:
  --config FILE            TOML file of settings [/etc/brewer.toml if it exists]
  --name NAME              what it is called [pot]
  --key KEY                opens the cupboard
  --spice SPICE            what goes in; repeatable
  --wait TIME              how long
  --water-amount-of-the-whole-pot BYTES
                           how much
  --hot                    as it should be
  --http-port PORT         where
  -h, --help               this text

Examples:
  brewer brew

Every setting can also stand in the environment (--http-port: WALPULSE_HTTP_PORT) or in the
configuration file (http-port = 8080, --config); a flag wins over the environment, that over the
file. Times read 500ms, 90s, 15m, 36h, 30d; sizes 512KiB, 16MiB, 1GiB.
Exit codes: 0 drunk, 64 wrong usage, 69 the server, the ledger or the port cannot be had, 78 wrong
environment or configuration file.
)");
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
