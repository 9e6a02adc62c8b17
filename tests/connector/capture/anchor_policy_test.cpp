#include "connector/capture/anchor_policy.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "connector/capture/anchor_keeper.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMiB = 1u << 20;
const Clock::time_point kStart{1000h};

AnchorPolicy policy(std::chrono::milliseconds time, std::size_t bytes) {
  return AnchorPolicy(ReplayWindow{time, bytes});
}

Lsn mib(std::uint64_t count) { return Lsn{count * kMiB}; }

TEST(AnchorPolicy, StaysUntilTheLooksCoverTheWindow) {
  auto anchor = policy(1h, 1024 * kMiB);
  anchor.observe(kStart, mib(500));
  EXPECT_EQ(anchor.target(kStart, mib(100)), std::nullopt) << "as after a restart";
  anchor.observe(kStart + 59min, mib(600));
  EXPECT_EQ(anchor.target(kStart + 59min, mib(100)), std::nullopt);
  anchor.observe(kStart + 60min, mib(610));
  EXPECT_EQ(anchor.target(kStart + 60min, mib(300)), mib(500)) << "confirmed an hour ago";
}

TEST(AnchorPolicy, BytesBoundTheWindowFromTheFirstLookOn) {
  auto anchor = policy(6h, 64 * kMiB);
  anchor.observe(kStart, mib(500));
  EXPECT_EQ(anchor.target(kStart, mib(400)), mib(436));
  EXPECT_EQ(anchor.target(kStart, mib(436)), std::nullopt);
  EXPECT_EQ(anchor.target(kStart, mib(450)), std::nullopt);
}

TEST(AnchorPolicy, WhicheverLeavesLessWalHolds) {
  auto anchor = policy(1h, 64 * kMiB);
  anchor.observe(kStart, mib(500));
  anchor.observe(kStart + 61min, mib(510));
  EXPECT_EQ(anchor.target(kStart + 61min, mib(440)), mib(500)) << "the time";
  anchor.observe(kStart + 62min, mib(900));
  EXPECT_EQ(anchor.target(kStart + 62min, mib(700)), mib(836)) << "the bytes";
}

TEST(AnchorPolicy, ALongWayIsGoneInSteps) {
  auto anchor = policy(6h, kMiB);
  anchor.observe(kStart, mib(10'000));
  EXPECT_EQ(anchor.target(kStart, mib(1)), (Lsn{mib(1).value + AnchorPolicy::kStepBytes}));
}

TEST(AnchorPolicy, AQuietTableLeavesAnAnchorAtTheConfirmedPositionNeverBeyond) {
  auto anchor = policy(1min, 1024 * kMiB);
  for (auto now = kStart; now <= kStart + 1h; now += 10s) anchor.observe(now, mib(7));
  EXPECT_EQ(anchor.target(kStart + 1h, mib(3)), mib(7));
  EXPECT_EQ(anchor.target(kStart + 1h, mib(7)), std::nullopt);
}

TEST(AnchorPolicy, AnAnchorAheadOfARewoundSlotStays) {
  auto anchor = policy(1min, kMiB);
  anchor.observe(kStart, mib(500));
  anchor.observe(kStart + 2min, mib(90));  // the server came back without its last minutes
  EXPECT_EQ(anchor.target(kStart + 2min, mib(95)), std::nullopt);
  anchor.observe(kStart + 4min, mib(100));
  EXPECT_EQ(anchor.target(kStart + 4min, mib(80)), mib(99));
}

RC_GTEST_PROP(AnchorPolicyProperty, NeverPastTheConfirmedPositionNeverBackAndTheWindowIsKept, ()) {
  const auto time = std::chrono::milliseconds(*rc::gen::inRange(1'000, 100'000));
  const auto bytes = static_cast<std::size_t>(*rc::gen::inRange(1, 2'000)) << 10;
  auto policy = AnchorPolicy(ReplayWindow{time, bytes});
  const auto looks = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(1, 20'000), rc::gen::inRange(0, 1 << 20)));
  auto now = kStart;
  Lsn confirmed{1u << 20};
  Lsn anchor = confirmed;
  std::vector<std::pair<Clock::time_point, Lsn>> history;
  for (const auto& [pause, written] : looks) {
    now += std::chrono::milliseconds(pause);
    confirmed.value += static_cast<std::uint64_t>(written);
    policy.observe(now, confirmed);
    history.emplace_back(now, confirmed);
    while (const auto target = policy.target(now, anchor)) {
      RC_ASSERT(*target > anchor);
      RC_ASSERT(*target <= confirmed);
      RC_ASSERT(target->value - anchor.value <= AnchorPolicy::kStepBytes);
      anchor = *target;
    }
    RC_ASSERT(confirmed.value - anchor.value <= bytes);
    // Only the bytes may take away what was confirmed within the window.
    if (confirmed.value - anchor.value < bytes) {
      for (const auto& [at, position] : history) {
        if (at > now - time) RC_ASSERT(anchor <= position);
      }
    }
  }
}

TEST(AnchorSnapshotOf, TellsWhetherThereIsHistoryToReplay) {
  using State = AnchorSnapshot::State;
  const ReplayWindow wanted;
  const ReplayWindow none{0ms, 1};
  SlotState slot;
  slot.wal_status = "extended";
  slot.retained_bytes = 4096;
  slot.confirmed_flush_lsn = mib(3);
  EXPECT_EQ(snapshot_of(wanted, slot).state, State::kept);
  EXPECT_EQ(snapshot_of(wanted, slot).held_bytes, 4096u);
  EXPECT_EQ(snapshot_of(wanted, slot).oldest, mib(3));
  EXPECT_EQ(snapshot_of(none, slot).state, State::unwanted);
  EXPECT_EQ(snapshot_of(none, {}).state, State::none);
  EXPECT_TRUE(snapshot_of(wanted, {}).broken());
  slot.wal_status = "lost";
  EXPECT_EQ(snapshot_of(wanted, slot).state, State::lost);
  EXPECT_TRUE(snapshot_of(wanted, slot).broken());
  EXPECT_EQ(snapshot_of(wanted, slot).held_bytes, 0u);
}

}  // namespace
}  // namespace walpulse::connector
