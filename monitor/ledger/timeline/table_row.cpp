#include "monitor/ledger/timeline/table_row.h"

#include <algorithm>
#include <utility>

#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/timeline/trigger_history.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

const mage::BlockRun* block_in(const RowEntry& entry) {
  return entry.row ? std::get_if<mage::BlockRun>(&*entry.row) : nullptr;
}

bool stands_before(const RowEntry& entry, const schema::Position& position) {
  return entry.position < position;
}

/// The newest ones, as many as are kept of a block.
void trim_block(std::vector<RowEntry>& entries) {
  if (entries.size() > kBlockEntriesMax)
    entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(kBlockEntriesMax));
}

/// False where it was noted before.
bool note_read(std::vector<schema::Position>& reads, const schema::Position& position) {
  const auto at = std::lower_bound(reads.begin(), reads.end(), position);
  if (at != reads.end() && *at == position) return false;
  reads.insert(at, position);
  if (reads.size() > kRowReadsMax) reads.erase(reads.begin());
  return true;
}

}  // namespace

RowEntry make_row_entry(mage::RowChange&& change) {
  RowEntry entry{change.position, change.operation, change.commit_time, std::nullopt};
  if (change.operation != Operation::remove && change.operation != Operation::truncate)
    entry.row = *std::move(change.row);
  return entry;
}

Taken take(TableRow& row, mage::Table table, RowEntry entry, bool notes_read) {
  std::vector<RowEntry>& entries = row.entries;
  const schema::Position position = entry.position;
  const bool read = entry.operation == Operation::read;
  if (read && notes_read && !note_read(row.reads, position)) return Taken::known;
  const auto at = std::lower_bound(entries.begin(), entries.end(), position, stands_before);
  if (at != entries.end() && at->position == position) {
    // Two snapshots may read at one position, each at its own time.
    return read || at->commit_time == entry.commit_time ? Taken::known : Taken::contradicts;
  }
  entries.insert(at, std::move(entry));
  table == mage::Table::blocks ? trim_block(entries) : trim_trigger(entries);
  const auto kept = std::lower_bound(entries.begin(), entries.end(), position, stands_before);
  const bool is_kept = kept != entries.end() && kept->position == position;
  return is_kept || (read && notes_read) ? Taken::added : Taken::older;
}

const mage::Row* newest_row(const TableRow& row) {
  for (auto entry = row.entries.rbegin(); entry != row.entries.rend(); ++entry)
    if (entry->row) return &*entry->row;
  return nullptr;
}

bool is_deleted(const TableRow& row) { return !row.entries.empty() && !row.entries.back().row; }

std::optional<std::int64_t> run_of(const TableRow& row) {
  const mage::Row* newest = newest_row(row);
  const auto* block = newest != nullptr ? std::get_if<mage::BlockRun>(newest) : nullptr;
  return block != nullptr ? block->pipeline_run_id : std::nullopt;
}

bool ever_failed(const TableRow& row) {
  return std::any_of(row.entries.begin(), row.entries.end(), [](const RowEntry& entry) {
    const auto* block = block_in(entry);
    return block != nullptr && block->status == mage::kFailed;
  });
}

}  // namespace walpulse::monitor
