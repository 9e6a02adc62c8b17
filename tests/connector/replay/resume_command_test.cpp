#include "connector/replay/resume_command.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

TEST(ResumeCommand, BeginsWhereTheReplayStopped) {
  EXPECT_EQ(resume_command({"replay", "--from", "0/10", "--to", "stdout"}, Lsn{0x20}, std::nullopt),
            "walpulse-connector replay --from 0/20 --to stdout");
  EXPECT_EQ(resume_command({"replay", "--from=0/10", "--until=0/90"}, Lsn{0x20}, std::nullopt),
            "walpulse-connector replay --from 0/20 --until=0/90");
}

TEST(ResumeCommand, EndsWhereTheReplayWouldHave) {
  EXPECT_EQ(resume_command({"replay", "--from", "0/10"}, Lsn{0x20}, Lsn{0x1'0000'0000}),
            "walpulse-connector replay --from 0/20 --until 1/0");
}

TEST(ResumeCommand, BeforeAnythingIsDeliveredItIsTheCommandItself) {
  EXPECT_EQ(
      resume_command({"replay", "--from", "2026-11-20 18:45:30-03"}, std::nullopt, std::nullopt),
      "walpulse-connector replay --from '2026-11-20 18:45:30-03'");
}

TEST(ResumeCommand, IsReadyForAShell) {
  EXPECT_EQ(resume_command({"replay", "--dsn", "host=x user=o'neil", "--from", "0/1", ""}, Lsn{2},
                           std::nullopt),
            "walpulse-connector replay --dsn 'host=x user=o'\\''neil' --from 0/2 ''");
}

}  // namespace
}  // namespace walpulse::connector
