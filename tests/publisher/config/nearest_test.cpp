#include "publisher/config/nearest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>

namespace walpulse::config {
namespace {

constexpr auto kWords = std::to_array<std::string_view>(
    {"dsn", "slot", "to", "table", "label", "http-address", "http-port", "replay-window",
     "pending-bytes", "log-level", "heartbeat"});

std::string_view near(std::string_view given) { return nearest(given, kWords); }

TEST(EditDistance, CountsLettersPutInLeftOutReplacedAndSwapped) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("slot", "slot"), 0u);
  EXPECT_EQ(edit_distance("", "slot"), 4u);
  EXPECT_EQ(edit_distance("slot", ""), 4u);
  EXPECT_EQ(edit_distance("slt", "slot"), 1u);
  EXPECT_EQ(edit_distance("sloot", "slot"), 1u);
  EXPECT_EQ(edit_distance("slit", "slot"), 1u);
  EXPECT_EQ(edit_distance("solt", "slot"), 1u);
  EXPECT_EQ(edit_distance("ca", "abc"), 3u) << "no letter is touched twice";
}

RC_GTEST_PROP(EditDistance, IsTheSameBothWaysAndBoundedByTheLonger, ()) {
  const auto letters = rc::gen::container<std::string>(rc::gen::inRange('a', 'd'));
  const auto a = *letters;
  const auto b = *letters;
  const std::size_t distance = edit_distance(a, b);
  RC_ASSERT(distance == edit_distance(b, a));
  RC_ASSERT(distance <= std::max(a.size(), b.size()));
  RC_ASSERT((distance == 0) == (a == b));
}

TEST(Nearest, IsSpelledAlmostAlike) {
  EXPECT_EQ(near("solt"), "slot");
  EXPECT_EQ(near("dns"), "dsn");
  EXPECT_EQ(near("lable"), "label");
  EXPECT_EQ(near("hartbeat"), "heartbeat");
  EXPECT_EQ(near("replay-widow"), "replay-window");
}

TEST(Nearest, DoesNotMindCaseAndUnderscores) {
  EXPECT_EQ(near("HTTP_PORT"), "http-port");
  EXPECT_EQ(near("Slot"), "slot");
}

TEST(Nearest, BeginsAlike) {
  EXPECT_EQ(near("topic"), "to");
  EXPECT_EQ(near("heart"), "heartbeat");
  EXPECT_EQ(near("table-name"), "table");
  EXPECT_EQ(near("http"), "http-port") << "the one that is nearer";
}

TEST(Nearest, HasItAsAWord) {
  EXPECT_EQ(near("port"), "http-port");
  EXPECT_EQ(near("window"), "replay-window");
  EXPECT_EQ(near("level"), "log-level");
}

TEST(Nearest, IsTheLikestOfAllAndOfEqualsTheFirst) {
  EXPECT_EQ(nearest("sloe", std::to_array<std::string_view>({"slow", "slot"})), "slow");
  EXPECT_EQ(nearest("ports", std::to_array<std::string_view>({"ports-max", "port"})), "port");
}

TEST(Nearest, IsNothingWhereNothingIsNear) {
  for (const char* given : {"", "no-such-flag", "cold", "together", "-", "--", "\xff\xff"}) {
    EXPECT_EQ(near(given), "") << given;
  }
  EXPECT_EQ(near(std::string(1 << 20, 's')), "") << "a pasted file is no slip";
  EXPECT_EQ(nearest("slot", {}), "");
}

}  // namespace
}  // namespace walpulse::config
