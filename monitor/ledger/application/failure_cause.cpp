#include "monitor/ledger/application/failure_cause.h"

#include <algorithm>
#include <iterator>

#include "monitor/ledger/timeline/block_ends.h"
#include "monitor/ledger/timeline/observe.h"

namespace walpulse::monitor {
namespace {

constexpr std::string_view kInitial = "INITIAL";

/// A truncate, or the end of a snapshot that did not find the row, after `since`.
bool was_ended_by(const SourceRow& table, std::int64_t id, const schema::Position& since,
                  const schema::Position& by) {
  const auto within = [&](const schema::Position& end) { return since < end && had_come(end, by); };
  return std::any_of(table.ends.begin(), table.ends.end(),
                     [&](const Entry& end) { return within(end.position); }) ||
         std::any_of(table.snapshot_ends.begin(), table.snapshot_ends.end(),
                     [&](const SnapshotEndRow& end) {
                       return end.complete && end.covers(id) && within(end.position);
                     });
}

const mage::BlockRun* failed_block(const RowEntry& entry) {
  const auto* block = entry.row ? std::get_if<mage::BlockRun>(&*entry.row) : nullptr;
  return block != nullptr && block->status == mage::kFailed ? block : nullptr;
}

/// The entry with which the block had come to FAILED; null where it was not FAILED then.
const RowEntry* failed_since(const StoredTableRow& stored, const SourceRow& table,
                             const schema::Position& at) {
  const auto& entries = stored.row.entries;
  auto entry = std::find_if(entries.rbegin(), entries.rend(),
                            [&](const RowEntry& each) { return had_come(each.position, at); });
  if (entry == entries.rend() || failed_block(*entry) == nullptr) return nullptr;
  if (was_ended_by(table, stored.key.id, entry->position, at)) return nullptr;
  while (std::next(entry) != entries.rend() && failed_block(*std::next(entry)) != nullptr) ++entry;
  return &*entry;
}

bool had_begun(const StoredTableRow& stored, const schema::Position& at) {
  return !stored.row.entries.empty() && had_come(stored.row.entries.front().position, at);
}

}  // namespace

std::string_view to_string(FailureCause cause) {
  switch (cause) {
    case FailureCause::unknown:
      return "unknown";
    case FailureCause::block:
      return "block";
    case FailureCause::block_timeout:
      return "block_timeout";
    case FailureCause::run_timeout:
      return "run_timeout";
    case FailureCause::initialisation:
      return "initialisation";
  }
  return "unknown";
}

Failure explain_failure(const schema::Position& at, std::string_view status_before,
                        std::span<const StoredTableRow> blocks, const SourceRow& table) {
  const RowEntry* first = nullptr;
  for (const StoredTableRow& stored : blocks) {
    const RowEntry* since = failed_since(stored, table, at);
    if (since != nullptr && (first == nullptr || since->position < first->position)) first = since;
  }
  if (first != nullptr) {
    const mage::BlockRun& block = *failed_block(*first);
    const bool without_error = block.error && block.error->empty();
    return {without_error ? FailureCause::block_timeout : FailureCause::block,
            block.block_uuid.value_or(std::string(kUnknown)), block.error.value_or(std::string())};
  }
  if (status_before == kInitial) return {FailureCause::initialisation, {}, {}};
  const bool seen = std::any_of(blocks.begin(), blocks.end(), [&](const StoredTableRow& stored) {
    return had_begun(stored, at);
  });
  if (seen && status_before == mage::kRunning) return {FailureCause::run_timeout, {}, {}};
  return {};
}

}  // namespace walpulse::monitor
