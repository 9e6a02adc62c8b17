#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/schema/change_event.h"
#include "monitor/ledger/stores/snapshots.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

/// One table of one source.
struct SourceRow {
  std::int64_t id = 0;
  std::string name;
  std::string table;
  std::optional<Timestamp> last_created;  ///< The newest insert's commit time.
  Timeline ends;                          ///< Truncates, for every run's timeline.
  std::vector<SnapshotEndRow> snapshot_ends;
  /// Of the runs that were pruned: their greatest position. Kept by save_floor.
  std::optional<schema::Position> floor;
  /// Up to where everything must have come: see Watermark. Kept by save_watermark.
  std::optional<schema::Position> delivered;
  /// As of when it is known, by the server's clock: Watermark::as_of. Nothing while that is
  /// unknown, and of a table that no heartbeat names: see capture_as_of(). Kept by save_watermark.
  std::optional<Timestamp> as_of;
  /// Of a table of triggers: rises with each transaction that changed which triggers there are, or
  /// what they are. Kept by count_change.
  std::int64_t changes = 0;
};

/// The tables that messages came of. They are read with the rest of the Context.
class SourceStore {
 public:
  virtual ~SourceStore() = default;
  /// Gives `source.id` where it is zero, also where another instance gave it one meanwhile.
  /// `last_created` never goes back. Its ends are kept by add_end.
  virtual void save(SourceRow& source) = 0;
  virtual void add_end(std::int64_t source, const Entry& end) = 0;
  /// Only rises.
  virtual void save_floor(std::int64_t source, const schema::Position& floor) = 0;
  /// Empty where nothing was saved. Only under Claim::connectors.
  virtual std::string watermark(std::int64_t source) = 0;
  /// `as_of` never goes back, and stays as it was where it is Timestamp{}.
  virtual void save_watermark(std::int64_t source, const std::string& state,
                              const std::optional<schema::Position>& delivered,
                              Timestamp as_of) = 0;
  /// Locks the source's row: where the intent is shared to be called by rising id, after the rows
  /// of all tables are locked.
  virtual void count_change(std::int64_t source) = 0;
};

}  // namespace walpulse::monitor
