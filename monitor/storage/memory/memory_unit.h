#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/storage/pending_work.h"

namespace walpulse::monitor {

/// The row that matches, a new one where none does.
template <class Row, class Matches>
Row& row_of(std::vector<Row>& rows, const Matches& matches) {
  const auto at = std::find_if(rows.begin(), rows.end(), matches);
  return at == rows.end() ? rows.emplace_back() : *at;
}

/// What the memory ledger's stores share. Writes wait in a list until the commit, so that a
/// rollback has nothing to undo.
class MemoryUnit {
 public:
  explicit MemoryUnit(Timestamp birth) {
    context.birth = birth;
    context.last_end = birth;
  }

  void later(std::function<void()> write) { writes_.push_back(std::move(write)); }
  std::int64_t next_id() { return ++last_id_; }
  SourceRow& source(std::int64_t id) {
    return row_of(context.sources, [&](const SourceRow& row) { return row.id == id; });
  }

  void commit() {
    for (const auto& write : writes_) write();
    writes_.clear();
    pending.finish();
  }
  void rollback() {
    writes_.clear();
    pending.drop();
  }

  Context context;      ///< As committed.
  PendingWork pending;  ///< Of a store that has a list of its own.

 private:
  std::vector<std::function<void()>> writes_;
  std::int64_t last_id_ = 0;
};

}  // namespace walpulse::monitor
