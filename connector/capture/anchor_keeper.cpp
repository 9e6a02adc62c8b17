#include "connector/capture/anchor_keeper.h"

#include <algorithm>

#include "connector/catalog/sqlstate.h"
#include "decoder/base/logging.h"

namespace walpulse::connector {
namespace {

using AnchorState = AnchorSnapshot::State;

/// A move took t: the next one comes after so many t. A transaction that stays open for hours keeps
/// the anchor's restart position where it is, and each move reads the WAL from there again.
constexpr int kRestFactor = 20;

}  // namespace

AnchorSnapshot snapshot_of(const ReplayWindow& window, const std::optional<SlotState>& anchor) {
  AnchorSnapshot snapshot;
  if (!anchor) {
    snapshot.state = window.wanted() ? AnchorState::missing : AnchorState::none;
    return snapshot;
  }
  snapshot.state = !window.wanted() ? AnchorState::unwanted
                   : anchor->lost() ? AnchorState::lost
                                    : AnchorState::kept;
  if (anchor->lost()) return snapshot;
  snapshot.held_bytes =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, anchor->retained_bytes.value_or(0)));
  snapshot.oldest = anchor->confirmed_flush_lsn.value_or(Lsn{});
  return snapshot;
}

Result<AnchorSnapshot> AnchorKeeper::keep(Catalog& catalog, const SlotState& live) {
  again_at_.reset();
  auto anchor = catalog.slot(slot_);
  if (!anchor) return forward(anchor);
  auto snapshot = snapshot_of(window_, *anchor);
  report(snapshot);
  if (snapshot.state != AnchorState::kept || !live.confirmed_flush_lsn) return snapshot;
  const auto now = Clock::now();
  policy_.observe(now, *live.confirmed_flush_lsn);
  const auto target = policy_.target(now, snapshot.oldest);
  if (!target) return snapshot;
  if (now >= rest_until_) {
    const auto moved = move(catalog, *target);
    if (!moved) return forward(moved);
    const auto done = Clock::now();
    rest_until_ = done + kRestFactor * (done - now);
    if (*moved) snapshot.oldest = *target;
  }
  // Another step, or the one that could not be made.
  if (policy_.target(now, snapshot.oldest)) again_at_ = rest_until_;
  return snapshot;
}

Result<bool> AnchorKeeper::move(Catalog& catalog, Lsn to) {
  const auto moved = catalog.advance_slot(slot_, to);
  if (moved) {
    spdlog::debug("the anchor follows slot={} lsn={}", slot_, to_string(to));
    refusal_.clear();
    return true;
  }
  if (!catalog.connected()) return forward(moved);
  if (moved.error().code == kObjectInUse) return false;  // next time
  const std::string reason = to_string(moved.error());
  if (std::exchange(refusal_, reason) != reason) {
    SPDLOG_WARN("the anchor cannot be moved and keeps more WAL, trying again slot={} reason={}",
                slot_, reason);
  }
  return false;
}

void AnchorKeeper::report(const AnchorSnapshot& snapshot) {
  if (std::exchange(told_, snapshot.state) == snapshot.state) return;
  switch (snapshot.state) {
    case AnchorState::kept:
      return SPDLOG_INFO("the anchor keeps history to replay slot={} from={} held_bytes={}", slot_,
                         to_string(snapshot.oldest), snapshot.held_bytes);
    case AnchorState::lost:
      return SPDLOG_WARN(
          "the anchor is invalidated, its WAL was removed: nothing can be replayed, capture goes "
          "on; run `walpulse-connector setup` to make it anew slot={}",
          slot_);
    case AnchorState::missing:
      return SPDLOG_WARN(
          "there is no anchor: nothing can be replayed, capture goes on; run `walpulse-connector "
          "setup` to make it, or give --replay-window 0 slot={}",
          slot_);
    case AnchorState::unwanted:
      return SPDLOG_WARN(
          "no replay window is wanted, but there is an anchor that keeps WAL and is not moved; "
          "drop it: SELECT pg_catalog.pg_drop_replication_slot('{}'); held_bytes={}",
          slot_, snapshot.held_bytes);
    case AnchorState::none:
    case AnchorState::unknown:
      break;
  }
}

}  // namespace walpulse::connector
