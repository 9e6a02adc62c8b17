#include "monitor/ledger/application/snapshots.h"

#include <algorithm>

#include "decoder/mage/tables.h"

namespace walpulse::monitor {
namespace {

/// So many ids share a counter: few enough to be looked at one by one where a range cuts through.
constexpr int kChunkBits = 10;
constexpr std::int64_t kChunkIds = std::int64_t{1} << kChunkBits;

std::int64_t chunk_of(std::int64_t run) { return run >> kChunkBits; }

/// Triggers or blocks, as count_singly().
std::int64_t count_rows_singly(Transaction& transaction, const RowKey& before, std::int64_t last,
                               const schema::Position& position) {
  std::int64_t count = 0;
  for (const StoredTableRow& stored : transaction.table_rows().after(before, kChunkIds)) {
    if (stored.key.source != before.source || stored.key.id > last) break;
    const auto& reads = stored.row.reads;
    if (std::find(reads.begin(), reads.end(), position) != reads.end()) ++count;
  }
  return count;
}

/// Runs from `first` to `last` (of one chunk) that have a row at `position`.
std::int64_t count_singly(Transaction& transaction, const SourceRow& of, std::int64_t first,
                          std::int64_t last, const schema::Position& position) {
  std::int64_t count = 0;
  const std::int64_t source = of.id;
  const RunKey before{source, first == INT64_MIN ? first : first - 1};
  if (mage::table_of(of.table) != mage::Table::runs)
    return count_rows_singly(transaction, {source, before.run}, last, position);
  for (const StoredRun& stored : transaction.runs().after(before, kChunkIds)) {
    if (stored.key.source != source || stored.key.run > last) break;
    if (find(stored.run.timeline, position) != nullptr) ++count;
  }
  return count;
}

std::int64_t rows_within(Transaction& transaction, const SourceRow& source,
                         const SnapshotEndRow& end) {
  std::int64_t count = 0;
  for (const SnapshotRows& rows : transaction.snapshots().rows(source.id, end.position)) {
    const std::int64_t first = rows.chunk * kChunkIds;
    const std::int64_t last = first + (kChunkIds - 1);
    if (end.covers(first) && end.covers(last)) {
      count += rows.rows;
    } else if (first <= end.to && last >= end.from) {
      count += count_singly(transaction, source, std::max(first, end.from), std::min(last, end.to),
                            end.position);
    }
  }
  return count;
}

}  // namespace

SnapshotEndRow make_end_row(const schema::SnapshotEnd& end) {
  SnapshotEndRow row;
  row.position = {end.epoch, end.position, schema::Position::kSnapshot};
  row.time = end.snapshot_at;
  row.from = end.from_id.value_or(INT64_MIN);
  row.to = end.to_id.value_or(INT64_MAX);
  row.rows = static_cast<std::int64_t>(end.row_count);
  return row;
}

bool superseded(const SourceRow& source, const schema::Position& position) {
  return std::any_of(source.snapshot_ends.begin(), source.snapshot_ends.end(),
                     [&](const SnapshotEndRow& end) {
                       return end.complete && end.whole() && end.position >= position;
                     });
}

const SnapshotEndRow* ended_by(const SourceRow& source, std::int64_t run,
                               const schema::Position& last_entry) {
  const SnapshotEndRow* latest = nullptr;
  for (const SnapshotEndRow& end : source.snapshot_ends) {
    if (!end.complete || !end.covers(run) || end.position <= last_entry) continue;
    if (latest == nullptr || end.position > latest->position) latest = &end;
  }
  return latest;
}

bool was_ended(const SourceRow& source, std::int64_t id, const schema::Position& last_entry) {
  return (!source.ends.empty() && source.ends.back().position > last_entry) ||
         ended_by(source, id, last_entry) != nullptr;
}

void SnapshotRowCounts::add(const SourceRow& source, std::int64_t run,
                            const schema::Position& position) {
  if (!superseded(source, position)) ++counts_[source.id][{position, chunk_of(run)}];
}

void SnapshotRowCounts::save(Transaction& transaction) const {
  for (const auto& [source, counts] : counts_) {
    std::vector<SnapshotRows> rows;
    rows.reserve(counts.size());
    for (const auto& [place, count] : counts) rows.push_back({place.first, place.second, count});
    transaction.snapshots().add_rows(source, rows);
  }
}

std::vector<RunKey> complete_snapshots(Transaction& transaction, SourceRow& source) {
  std::optional<schema::Position> whole;
  std::vector<SnapshotEndRow> completed;
  for (SnapshotEndRow& end : source.snapshot_ends) {
    if (end.complete || rows_within(transaction, source, end) != end.rows) continue;
    end.complete = true;
    transaction.snapshots().save_end(source.id, end);
    completed.push_back(end);
    if (end.whole()) whole = std::max(whole, std::optional(end.position));
  }
  std::vector<RunKey> concerned;
  if (completed.empty()) return concerned;
  if (mage::table_of(source.table) == mage::Table::triggers)
    transaction.sources().count_change(source.id);
  if (whole) {
    transaction.snapshots().forget(source.id, *whole);
    std::erase_if(source.snapshot_ends,
                  [&](const SnapshotEndRow& end) { return end.position < *whole; });
  }
  for (const RunKey& key : transaction.runs().active(source.id)) {
    const bool covered =
        std::any_of(completed.begin(), completed.end(),
                    [&](const SnapshotEndRow& end) { return end.covers(key.run); });
    if (covered) concerned.push_back(key);
  }
  return concerned;
}

}  // namespace walpulse::monitor
