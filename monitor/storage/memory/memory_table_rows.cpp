#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "monitor/storage/memory/memory_stores.h"
#include "monitor/storage/string_interner.h"
#include "monitor/storage/table_row_codec.h"

namespace walpulse::monitor {
namespace {

/// Each row as bytes. Its writes wait in a list of their own until the commit.
class MemoryTableRows final : public TableRowStore {
 public:
  explicit MemoryTableRows(MemoryUnit& unit) {
    unit.pending.add([this] { commit(); }, [this] { writes_.clear(); });
  }

  std::vector<StoredTableRow> load(std::span<const RowKey> keys) override;
  void save(std::span<const StoredTableRow> rows) override;
  void remove(std::span<const RowKey> keys) override;
  void remove_of_runs(std::int64_t source, std::span<const std::int64_t> runs) override;
  std::vector<StoredTableRow> of_runs(std::int64_t source, std::span<const std::int64_t> runs,
                                      std::size_t count_max) override;
  std::vector<StoredTableRow> after(const RowKey& after, std::size_t count_max) override;
  std::vector<StoredTableRow> deleted_after(const RowKey& after, std::size_t count_max) override;

 private:
  using RunKeys = std::pair<std::int64_t, std::int64_t>;  ///< Source of the rows, and run.
  struct Write {
    RowKey key;
    std::optional<std::int64_t> run;
    bool deleted = false;
    std::string bytes;  ///< Empty: the row goes.
  };
  void commit();
  void forget_run(const RowKey& key, const std::string& bytes);
  StoredTableRow row_at(const RowKey& key) const {
    return *stored_table_row(key, rows_.at(key), &texts_);
  }

  std::vector<Write> writes_;
  StringInterner texts_;  ///< Of the rows' bytes.
  std::map<RowKey, std::string> rows_;
  std::map<RunKeys, std::vector<std::int64_t>> of_runs_;  ///< Sorted ids.
  std::set<RowKey> deleted_;
};

std::vector<StoredTableRow> MemoryTableRows::load(std::span<const RowKey> keys) {
  std::vector<StoredTableRow> found;
  found.reserve(keys.size());
  for (const RowKey& key : keys) {
    if (rows_.contains(key)) {
      found.push_back(row_at(key));
    } else {
      found.emplace_back().key = key;
    }
  }
  return found;
}

void MemoryTableRows::save(std::span<const StoredTableRow> rows) {
  writes_.reserve(writes_.size() + rows.size());
  for (const StoredTableRow& stored : rows)
    writes_.push_back({stored.key, run_of(stored.row), is_deleted(stored.row),
                       encode_table_row(stored.row, &texts_)});
}

void MemoryTableRows::remove(std::span<const RowKey> keys) {
  for (const RowKey& key : keys) writes_.push_back({key, {}, false, {}});
}

void MemoryTableRows::remove_of_runs(std::int64_t source, std::span<const std::int64_t> runs) {
  for (const std::int64_t run : runs)
    if (const auto at = of_runs_.find({source, run}); at != of_runs_.end())
      for (const std::int64_t id : at->second) writes_.push_back({{source, id}, {}, false, {}});
}

void MemoryTableRows::forget_run(const RowKey& key, const std::string& bytes) {
  const auto run = run_of(stored_table_row(key, bytes, &texts_)->row);
  const auto at = run ? of_runs_.find({key.source, *run}) : of_runs_.end();
  if (at == of_runs_.end()) return;
  std::erase(at->second, key.id);
  if (at->second.empty()) of_runs_.erase(at);
}

void MemoryTableRows::commit() {
  for (Write& write : writes_) {
    const auto at = rows_.find(write.key);
    deleted_.erase(write.key);
    if (write.bytes.empty()) {
      if (at == rows_.end()) continue;
      forget_run(write.key, at->second);
      rows_.erase(at);
      continue;
    }
    if (write.deleted) deleted_.insert(write.key);
    if (write.run) {
      auto& ids = of_runs_[{write.key.source, *write.run}];
      const auto place = std::lower_bound(ids.begin(), ids.end(), write.key.id);
      if (place == ids.end() || *place != write.key.id) {
        if (at != rows_.end()) forget_run(write.key, at->second);
        auto& now = of_runs_[{write.key.source, *write.run}];
        now.insert(std::lower_bound(now.begin(), now.end(), write.key.id), write.key.id);
      }
    }
    rows_.insert_or_assign(write.key, std::move(write.bytes));
  }
  writes_.clear();
}

std::vector<StoredTableRow> MemoryTableRows::of_runs(std::int64_t source,
                                                     std::span<const std::int64_t> runs,
                                                     std::size_t count_max) {
  std::vector<StoredTableRow> found;
  for (const std::int64_t run : runs) {
    const auto at = of_runs_.find({source, run});
    if (at == of_runs_.end()) continue;
    std::vector<StoredTableRow> rest;
    std::size_t left = count_max;
    for (const std::int64_t id : at->second) {
      StoredTableRow row = row_at({source, id});
      if (!ever_failed(row.row)) {
        if (rest.size() < left) rest.push_back(std::move(row));
      } else if (left > 0) {
        found.push_back(std::move(row));
        --left;
      }
    }
    for (StoredTableRow& row : rest)
      if (left > 0) {
        found.push_back(std::move(row));
        --left;
      }
  }
  return found;
}

std::vector<StoredTableRow> MemoryTableRows::after(const RowKey& after, std::size_t count_max) {
  std::vector<StoredTableRow> found;
  for (auto at = rows_.upper_bound(after); at != rows_.end() && found.size() < count_max; ++at)
    found.push_back(row_at(at->first));
  return found;
}

std::vector<StoredTableRow> MemoryTableRows::deleted_after(const RowKey& after,
                                                           std::size_t count_max) {
  std::vector<StoredTableRow> found;
  for (auto at = deleted_.upper_bound(after); at != deleted_.end() && found.size() < count_max;
       ++at)
    found.push_back(row_at(*at));
  return found;
}

}  // namespace

std::unique_ptr<TableRowStore> make_memory_table_rows(MemoryUnit& unit) {
  return std::make_unique<MemoryTableRows>(unit);
}

}  // namespace walpulse::monitor
