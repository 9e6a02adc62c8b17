#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/schema/change_event.h"

namespace walpulse::monitor {

/// The end of a snapshot of one table: what was read, and where (see schema::SnapshotEnd).
struct SnapshotEndRow {
  schema::Position position;
  Timestamp time;
  std::int64_t from = INT64_MIN;  ///< Of the ids, inclusive.
  std::int64_t to = INT64_MAX;
  std::int64_t rows = 0;
  bool complete = false;  ///< All its rows are in the ledger: it ends the runs that have none.
  bool whole() const { return from == INT64_MIN && to == INT64_MAX; }
  bool covers(std::int64_t run) const { return from <= run && run <= to; }
  bool same(const SnapshotEndRow& other) const {
    return position == other.position && from == other.from && to == other.to;
  }
};
/// How many runs of a chunk of ids have a row that a snapshot read at this position.
struct SnapshotRows {
  schema::Position position;
  std::int64_t chunk = 0;
  std::int64_t rows = 0;
};

/// How far the snapshots of each source have arrived. Their ends come with the sources.
class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;
  /// Kept once for each position and range; stays complete once it was.
  virtual void save_end(std::int64_t source, const SnapshotEndRow& end) = 0;
  /// Adds to what is counted. `rows` are in order, each position and chunk once.
  virtual void add_rows(std::int64_t source, std::span<const SnapshotRows> rows) = 0;
  virtual std::vector<SnapshotRows> rows(std::int64_t source, const schema::Position& position) = 0;
  /// Removes the ends below `position`, and the counts at it or below.
  virtual void forget(std::int64_t source, const schema::Position& position) = 0;
};

}  // namespace walpulse::monitor
