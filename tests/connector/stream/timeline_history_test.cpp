#include "connector/stream/timeline_history.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

constexpr std::string_view kHistory =
    "# a comment\n"
    "1\t0/3000158\tno recovery target specified\n"
    "\n"
    "12\t16/B374D848\tbefore 2025-01-02 03:04:05\n";

TEST(ForkPoint, IsWhereTheHistoryLeftATimeline) {
  EXPECT_EQ(fork_point(kHistory, 1), (Lsn{0x3000158}));
  EXPECT_EQ(fork_point(kHistory, 12), (Lsn{0x16B374D848}));
  EXPECT_EQ(fork_point("7\t0/10", 7), Lsn{0x10});
}

TEST(ForkPoint, IsUnknownWhereTheTimelineIsNoAncestor) {
  EXPECT_FALSE(fork_point(kHistory, 2));
  EXPECT_FALSE(fork_point("", 1));
  EXPECT_FALSE(fork_point("1\tnowhere\n", 1));
  EXPECT_FALSE(fork_point("1x\t0/10\n", 1));
}

}  // namespace
}  // namespace walpulse::connector
