#include <map>
#include <utility>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemorySnapshots final : public SnapshotStore {
 public:
  explicit MemorySnapshots(MemoryUnit& unit) : unit_(unit) {}

  void save_end(std::int64_t source, const SnapshotEndRow& end) override {
    unit_.later([this, source, end] {
      SnapshotEndRow& row = row_of(unit_.source(source).snapshot_ends,
                                   [&](const SnapshotEndRow& each) { return each.same(end); });
      const bool complete = row.complete || end.complete;
      row = end;
      row.complete = complete;
    });
  }
  void add_rows(std::int64_t source, std::span<const SnapshotRows> rows) override {
    for (const SnapshotRows& each : rows)
      unit_.later([this, source, each] {
        rows_[{source, each.position}][each.chunk] += each.rows;
      });
  }
  std::vector<SnapshotRows> rows(std::int64_t source, const schema::Position& position) override {
    std::vector<SnapshotRows> found;
    const auto at = rows_.find({source, position});
    if (at == rows_.end()) return found;
    for (const auto& [chunk, rows] : at->second) found.push_back({position, chunk, rows});
    return found;
  }
  void forget(std::int64_t source, const schema::Position& position) override {
    unit_.later([this, source, position] {
      std::erase_if(unit_.source(source).snapshot_ends,
                    [&](const SnapshotEndRow& end) { return end.position < position; });
      std::erase_if(rows_, [&](const auto& rows) {
        return rows.first.first == source && rows.first.second <= position;
      });
    });
  }

 private:
  using RowsByChunk = std::map<std::int64_t, std::int64_t>;

  MemoryUnit& unit_;
  std::map<std::pair<std::int64_t, schema::Position>, RowsByChunk> rows_;  ///< By source.
};

}  // namespace

std::unique_ptr<SnapshotStore> make_memory_snapshots(MemoryUnit& unit) {
  return std::make_unique<MemorySnapshots>(unit);
}

}  // namespace walpulse::monitor
