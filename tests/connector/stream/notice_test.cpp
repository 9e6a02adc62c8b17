#include "connector/stream/notice.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

TEST(Notice, S20PostgreSQL18sWarningOfAMissingPublicationMeansThatChangesAreDropped) {
  EXPECT_TRUE(drops_changes("WARNING", "55000"));
  EXPECT_TRUE(drops_changes("WARNING", "42704"));
}

TEST(Notice, OtherNoticesAreOnlyLogged) {
  EXPECT_FALSE(drops_changes("WARNING", "01000"));
  EXPECT_FALSE(drops_changes("NOTICE", "55000"));
  EXPECT_FALSE(drops_changes("LOG", "00000"));
  EXPECT_FALSE(drops_changes("", ""));
}

}  // namespace
}  // namespace walpulse::connector
