#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "monitor/ledger/timeline/table_row.h"

namespace walpulse::monitor {

struct RowKey {
  std::int64_t source = 0;  ///< The table's.
  std::int64_t id = 0;
  auto operator<=>(const RowKey&) const = default;
};

struct StoredTableRow {
  RowKey key;
  bool known = false;  ///< Stood in the storage when it was loaded.
  TableRow row;
};

/// The triggers, and the blocks of runs.
class TableRowStore {
 public:
  virtual ~TableRowStore() = default;
  /// Parallel to `keys`, which are sorted and unique. Locks them, also those that are not known.
  virtual std::vector<StoredTableRow> load(std::span<const RowKey> keys) = 0;
  virtual void save(std::span<const StoredTableRow> rows) = 0;
  /// Of rows as they are in the storage.
  virtual void remove(std::span<const RowKey> keys) = 0;
  virtual void remove_of_runs(std::int64_t source, std::span<const std::int64_t> runs) = 0;
  /// The rows of these runs (sorted, unique), of each at most `count_max`: those first that failed
  /// at some time, else by id. Not locked.
  virtual std::vector<StoredTableRow> of_runs(std::int64_t source,
                                              std::span<const std::int64_t> runs,
                                              std::size_t count_max) = 0;
  /// At most `count_max` rows that follow `after` in key order, not locked.
  virtual std::vector<StoredTableRow> after(const RowKey& after, std::size_t count_max) = 0;
  /// The same of those alone whose newest entry is a delete.
  virtual std::vector<StoredTableRow> deleted_after(const RowKey& after, std::size_t count_max) = 0;
};

}  // namespace walpulse::monitor
