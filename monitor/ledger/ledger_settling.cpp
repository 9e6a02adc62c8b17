#include <algorithm>
#include <iterator>
#include <utility>

#include "monitor/ledger/ledger_core.h"

/// The intake clock, and what is counted by it.
namespace walpulse::monitor {
namespace {

/// The clock never moves on by more at once: a leader that was stopped, or a message after an
/// outage, says nothing of how long the others have been here.
constexpr auto kMoveMax = std::chrono::seconds(10);
/// Of one transaction, so that the intake never waits for long.
constexpr std::size_t kRunsMax = 500;

}  // namespace

Result<Advanced> LedgerCore::advance(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto leads = move_intake_clock(now);
  if (!leads) return tl::unexpected(leads.error());
  if (!*leads) return Advanced{};
  const std::uint64_t lease = generation();
  return transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return Advanced{};
    return BatchApplier(in, limits_, options_, Timestamp{}).settle(kRunsMax);
  });
}

/// True where this instance leads. Another one only says that it took messages.
Result<bool> LedgerCore::move_intake_clock(Clock::time_point now) {
  const std::uint64_t lease = generation();
  if (lease == 0) {
    moved_at_.reset();
    if (!heard_) return false;
    auto noted = transactions_.run(Intent::share, [&](Transaction& in) {
      in.clocks().note_heard();
      return false;
    });
    heard_ = !noted;
    return noted;
  }
  const auto since = std::min<Clock::duration>(now - moved_at_.value_or(now), kMoveMax);
  struct Moved {
    bool leads = false;
    bool heard = false;
    std::int64_t by_others = 0;
  };
  auto moved = transactions_.run(Intent::share, [&](Transaction& in) {
    if (!in.lease().holds(lease)) return Moved{};
    const Context context = in.context();
    const bool heard = heard_ || context.heard != heard_by_others_;
    if (heard) in.clocks().save_intake(context.intake + std::chrono::floor<IntakeTime>(since));
    return Moved{true, heard, context.heard};
  });
  if (!moved) return tl::unexpected(moved.error());
  if (moved->leads) {
    heard_ = false;
    heard_by_others_ = moved->by_others;
    if (moved->heard || !moved_at_) moved_at_ = now;
  }
  return moved->leads;
}

}  // namespace walpulse::monitor
