#include "monitor/leader/leader_elector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;
using testing::Each;
using testing::HasSubstr;

TEST(LeaderElector, AsksBeforeItReturnsAndAgainBeforeTheLeaseEnds) {
  FakeLedger ledger;
  LeaderElector keeper(ledger, {20'000ms, 1ms});
  EXPECT_THAT(ledger.await_leads(5), Each(20'000ms));
  EXPECT_EQ(keeper.health(), "");
}

TEST(LeaderElector, RenewsWellBeforeTheLeaseEnds) {
  const LeaseOptions options;
  EXPECT_GE(options.ttl, 3 * options.renewal);
  EXPECT_LE(options.ttl + options.renewal, std::chrono::seconds(30));
}

TEST(LeaderElector, GivesTheLeadUpOnceItStops) {
  FakeLedger ledger;
  {
    LeaderElector keeper(ledger, {20'000ms, 1h});
    EXPECT_EQ(ledger.resigned_count(), 0);
    keeper.stop();
    EXPECT_EQ(ledger.resigned_count(), 1);
  }
  EXPECT_EQ(ledger.resigned_count(), 1);
}

TEST(LeaderElector, SaysWhyItCannotAskAndAsksOn) {
  FakeLedger ledger;
  ledger.trouble("connection refused");
  LeaderElector keeper(ledger, {20'000ms, 1ms});
  EXPECT_THAT(keeper.health(), HasSubstr("connection refused"));
  ledger.trouble("");
  while (!keeper.health().empty()) std::this_thread::yield();
}

}  // namespace
}  // namespace walpulse::monitor
