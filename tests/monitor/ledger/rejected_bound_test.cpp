#include "monitor/ledger/rejected_bound.h"

#include <string>
#include <vector>

#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;

constexpr double kMonth = 31 * 24 * 3600.0;

/// Messages that are no events come to a ledger that keeps 64 kB of them.
class RejectedBound : public LedgerTest {
 protected:
  RejectedBound() { options.rejected_bytes_max = 64'000; }

  /// One message of so many bytes. How many earlier ones had to go for it.
  std::int64_t come(const std::string& id, std::size_t bytes = 10'000, double now = 1) {
    return apply({{std::string(bytes, 'x'), {}, id}}, now).dropped_count;
  }
  std::vector<std::string> kept() {
    std::vector<std::string> ids;
    for (const Rejected& each : rejected()) ids.push_back(each.message_id);
    return ids;
  }
  void forward(std::size_t which) {
    const std::vector<std::int64_t> ids{rejected()[which].id};
    ASSERT_TRUE(ledger().mark_forwarded(ids));
  }
  std::int64_t prune(double now) {
    std::int64_t dropped = 0;
    for (bool all = false; !all;) {
      const auto pruned = ledger().prune(at(now));
      EXPECT_TRUE(pruned) << pruned.error().message;
      if (!pruned) return -1;
      dropped += pruned->dropped_count;
      all = pruned->all_seen;
    }
    return dropped;
  }
  std::int64_t dropped(const std::string& reason) {
    return number("rejected/dropped_count", {{"reason", reason}});
  }
};

TEST_P(RejectedBound, TheOldestMakeRoom) {
  std::int64_t went = 0;
  for (int i = 1; i <= 20; ++i) {
    went += come("m" + std::to_string(i));
    EXPECT_LE(number("rejected/bytes"), options.rejected_bytes_max);
  }
  EXPECT_THAT(kept(), ElementsAre("m16", "m17", "m18", "m19", "m20"));
  EXPECT_EQ(went, 15);
  EXPECT_EQ(dropped("size"), 15);
  EXPECT_EQ(number("rejected/message_count"), 5);
}

TEST_P(RejectedBound, WhatWasForwardedGoesFirstAndIsNotMissed) {
  for (const char* id : {"m1", "m2", "m3", "m4", "m5"}) come(id);
  forward(3);
  EXPECT_EQ(come("m6"), 0);
  EXPECT_THAT(kept(), ElementsAre("m1", "m2", "m3", "m5", "m6"));
  EXPECT_EQ(dropped("size"), -1);
  EXPECT_EQ(come("m7"), 1);
  EXPECT_THAT(kept(), ElementsAre("m2", "m3", "m5", "m6", "m7"));
}

TEST_P(RejectedBound, ManySmallOnesAreBoundedAlike) {
  // The bound is looked at once so much came, not with each.
  std::vector<ReceivedMessage> group(100, {"x", {}, ""});
  for (int i = 0; i < 20; ++i) apply(group, 1);
  EXPECT_LE(number("rejected/bytes"), options.rejected_bytes_max);
  EXPECT_GE(number("rejected/bytes"), options.rejected_bytes_max / 2);
  EXPECT_EQ(dropped("size"), 2'000 - number("rejected/message_count"));
}

TEST_P(RejectedBound, AMessageBeyondTheBoundGoesToo) {
  come("m1");
  come("huge", 100'000);
  EXPECT_THAT(kept(), ElementsAre());
  EXPECT_EQ(number("rejected/bytes"), -1);
  come("m2");
  EXPECT_THAT(kept(), ElementsAre("m2"));
}

TEST_P(RejectedBound, WhatIsOldGoesWhateverItTakes) {
  come("m1", 10, 1);
  come("m2", 10, 2);
  come("m3", 10, kMonth);
  forward(1);
  EXPECT_EQ(prune(kMonth), 1);
  EXPECT_THAT(kept(), ElementsAre("m3"));
  EXPECT_EQ(dropped("age"), 1);
  EXPECT_EQ(prune(kMonth), 0);
}

TEST_P(RejectedBound, ALargerLedgerOfAnEarlierBuildIsBroughtWithin) {
  write([](Transaction& in) {
    for (int i = 0; i < 12'000; ++i) in.rejected().add({0, "", at(kMonth), "no event", "x", {}});
  });
  const std::int64_t each = kRejectedRowBytes + 9;
  const std::int64_t went = prune(kMonth);
  EXPECT_EQ(went, 12'000 - number("rejected/message_count"));
  EXPECT_LE(number("rejected/bytes"), options.rejected_bytes_max);
  EXPECT_GE(number("rejected/bytes"), options.rejected_bytes_max * 15 / 16 - each);
}

TEST_P(RejectedBound, EventsThatAreTakenCountNothingOfIt) {
  for (std::int64_t id = 1; id <= 50; ++id) {
    MageRun run(id, 1);
    apply({run.create(1), run.complete(2)});
  }
  EXPECT_EQ(number("rejected/bytes"), -1);
  EXPECT_EQ(number("rejected/message_count"), -1);
}

INSTANTIATE_TEST_SUITE_P(Storages, RejectedBound, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
