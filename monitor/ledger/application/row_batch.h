#pragma once

#include <vector>

#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// A row of a trigger or a block as loaded.
struct TouchedRow {
  StoredTableRow stored;
  bool changed = false;  ///< To be saved.
};

/// The rows of one transaction, by key.
class RowBatch {
 public:
  /// In one read, in key order. To be called once.
  void load(Transaction& transaction, std::vector<RowKey> keys);
  /// Null where the row was not loaded.
  TouchedRow* find(const RowKey& key);
  const std::vector<TouchedRow>& all() const { return rows_; }
  /// Once, at the end.
  void save(Transaction& transaction);

 private:
  std::vector<TouchedRow> rows_;  ///< Sorted.
};

}  // namespace walpulse::monitor
