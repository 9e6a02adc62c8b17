#include "monitor/ledger/application/row_batch.h"

#include <algorithm>
#include <utility>

namespace walpulse::monitor {

void RowBatch::load(Transaction& transaction, std::vector<RowKey> keys) {
  if (keys.empty()) return;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  rows_.reserve(keys.size());
  for (StoredTableRow& stored : transaction.table_rows().load(keys))
    rows_.push_back({std::move(stored), false});
}

TouchedRow* RowBatch::find(const RowKey& key) {
  const auto at = std::lower_bound(
      rows_.begin(), rows_.end(), key,
      [](const TouchedRow& row, const RowKey& sought) { return row.stored.key < sought; });
  return at != rows_.end() && at->stored.key == key ? &*at : nullptr;
}

void RowBatch::save(Transaction& transaction) {
  std::vector<StoredTableRow> changed;
  for (TouchedRow& row : rows_)
    if (row.changed) changed.push_back(std::move(row.stored));
  if (!changed.empty()) transaction.table_rows().save(changed);
}

}  // namespace walpulse::monitor
