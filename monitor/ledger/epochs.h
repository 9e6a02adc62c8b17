#pragma once

#include <string>
#include <vector>

#include "monitor/ledger/message.h"
#include "monitor/ledger/storage.h"

namespace walpulse::monitor {

/// Tells a database that was restored without a raised epoch: positions are used again there, by
/// other transactions. Once seen, the epoch of that source stays in conflict: what is behind the
/// restore cannot be told from what was before it.
class Epochs {
 public:
  explicit Epochs(std::vector<EpochRow> rows);

  enum class Verdict { fits, conflicts, conflicts_first };  ///< The first latches.
  /// Notes how far the log was seen.
  Verdict check(const ChangeMessage& change);
  /// A snapshot's rows and end carry its time, not a commit's, and say nothing of how far the log
  /// is. But its time is that of its transaction's begin, before its position was: none that lies
  /// behind what was seen of the log can be much newer than that.
  Verdict check_snapshot(const std::string& name, const schema::Position& position,
                         Timestamp taken);
  /// The same position was seen with another commit time.
  Verdict latch(const ChangeMessage& change);

  /// Rows that changed.
  void save(Storage& storage) const;

 private:
  struct Tracked {
    EpochRow row;
    bool changed = false;
  };
  Tracked& tracked(const std::string& name, std::uint64_t epoch);
  static Verdict latch(Tracked& seen);
  std::vector<Tracked> tracked_;
};

}  // namespace walpulse::monitor
