#include "connector/capture/server_monitor.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kNow{1h};

TEST(ServerLeaves, S30OnlyWhereNoOrdinaryConnectionIsLetInForSeconds) {
  WatchFindings findings;
  EXPECT_FALSE(server_leaves(findings, kNow)) << "it is there";
  findings.closed_at = kNow - 2s;
  EXPECT_FALSE(server_leaves(findings, kNow)) << "it may end the stream by itself";
  findings.closed_at = kNow - 4s;
  EXPECT_TRUE(server_leaves(findings, kNow)) << "it waits for us";
}

}  // namespace
}  // namespace walpulse::connector
