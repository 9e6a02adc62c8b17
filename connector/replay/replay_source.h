#pragma once

#include <optional>
#include <variant>

#include "connector/stream/wal_source.h"

namespace walpulse::connector {

/// One pgoutput message of the replayed log.
struct ReplayRow {
  Lsn lsn;
  decoder::Bytes message;  ///< Valid until the next call to next().
};
/// Every transaction that committed below `position` was given, if none is open.
struct ReplayReached {
  Lsn position;
};
using ReplayItem = std::variant<ReplayRow, ReplayReached>;

/// A temporary copy of the anchor, being read: through SQL, by a walsender, or by a test. The slots
/// that capture and other replays read are not touched. One thread.
class ReplaySource {
 public:
  virtual ~ReplaySource() = default;
  /// What comes next; nothing when the deadline passed or somebody called for attention first.
  virtual Result<std::optional<ReplayItem>> next(Clock::time_point deadline) = 0;
  /// Waits for the deadline or a call for attention and reads nothing.
  virtual void wait_without_reading(Clock::time_point deadline) = 0;
  /// Every transaction that ends at or below `position` is in safe hands.
  virtual void delivered(Lsn position) = 0;
  /// Nothing more will be asked: what the server still does for it is cancelled.
  virtual void cancel() = 0;
};

/// What of a replay did not work: the same SQLSTATE means different things in different places.
enum class ReplayPhase { connect, copy, advance, read, publish };

struct ReplayFault {
  ReplayPhase phase = ReplayPhase::connect;
  Error error;
};

}  // namespace walpulse::connector
