#pragma once

#include <optional>
#include <string>

#include "connector/capture/anchor_policy.h"
#include "connector/capture/shared_status.h"
#include "connector/catalog/catalog.h"

namespace walpulse::connector {

/// What the state of the anchor slot comes to. Pure.
AnchorSnapshot snapshot_of(const ReplayWindow& window, const std::optional<SlotState>& anchor);

/// Keeps the anchor slot a replay window behind the live one, and says once when that is not
/// possible: an anchor that the server invalidated, or that somebody dropped, ends no capture. Only
/// `setup` makes another. One thread.
class AnchorKeeper {
 public:
  AnchorKeeper(const SourceOptions& source, const ReplayWindow& window)
      : slot_(anchor_slot(source)), window_(window), policy_(window) {}

  /// One look, and one move where it is time. Fails where the anchor cannot be asked for, or the
  /// connection is gone; that the server refuses to move the anchor is logged.
  Result<AnchorSnapshot> keep(Catalog& catalog, const SlotState& live);
  /// When the next move is due, where the anchor has further to go than one step.
  std::optional<Clock::time_point> again_at() const { return again_at_; }

 private:
  void report(const AnchorSnapshot& snapshot);
  Result<bool> move(Catalog& catalog, Lsn to);

  const std::string slot_;
  const ReplayWindow window_;
  AnchorPolicy policy_;
  AnchorSnapshot::State told_ = AnchorSnapshot::State::unknown;
  std::string refusal_;             ///< The last one logged.
  Clock::time_point rest_until_{};  ///< Moves cost the server reading: most of the time is a rest.
  std::optional<Clock::time_point> again_at_;
};

}  // namespace walpulse::connector
