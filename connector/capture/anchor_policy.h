#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "connector/options/options.h"
#include "connector/stream/wal_source.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// How far the anchor slot may follow the live one: to what was confirmed a window's time ago, or
/// to a window's bytes behind the confirmed position, whichever leaves less WAL; never past the
/// confirmed position, never backwards.
///
/// What was confirmed when is known from looks at the live slot since the process began, at most
/// kSamplesMax of them. So after a restart, or a takeover, the anchor stays for a window's time
/// (only the bytes bound it), and nothing that a replay could want is given up too early. Pure; one
/// thread.
class AnchorPolicy {
 public:
  static constexpr int kSamplesMax = 64;
  /// One move reads this much WAL at most, about a second: the thread that makes it is wanted.
  static constexpr std::uint64_t kStepBytes = 256u << 20;

  explicit AnchorPolicy(const ReplayWindow& window) : window_(window) {}

  /// The live slot's confirmed position. One before the last look's is another history: what was
  /// known of the old one is forgotten.
  void observe(Clock::time_point now, Lsn confirmed);
  /// Where to move the anchor, by a step at most; empty where it stands right.
  std::optional<Lsn> target(Clock::time_point now, Lsn anchor) const;

 private:
  struct Sample {
    Clock::time_point at;
    Lsn confirmed;
  };

  const ReplayWindow window_;
  Lsn confirmed_;
  std::deque<Sample> samples_;  ///< Ascending; at most the first is older than the window.
};

}  // namespace walpulse::connector
