#include "monitor/ledger/application/run_blocks.h"

#include <algorithm>
#include <utility>

#include "decoder/mage/tables.h"

namespace walpulse::monitor {
namespace {

/// A failure of it may not have been counted by its cause yet.
bool may_have_failed(const Run& run) {
  std::size_t failures = 0, counted = 0;
  const Entry* before = nullptr;
  for (const Entry& entry : run.timeline) {
    const bool entered = before == nullptr || before->status != mage::kFailed ||
                         entry.operation == schema::Operation::insert;
    if (entry.status == mage::kFailed && entered) ++failures;
    before = &entry;
  }
  for (const CountedMark& mark : run.counted)
    if (mark.kind == StepKind::failed) counted += mark.count;
  return failures > counted;
}

}  // namespace

const SourceRow* block_source(const std::vector<SourceRow>& sources, const SourceRow& runs) {
  const std::string table = mage::beside(runs.table, mage::kBlockTable);
  const auto at = std::find_if(sources.begin(), sources.end(), [&](const SourceRow& source) {
    return source.name == runs.name && source.table == table;
  });
  return at == sources.end() ? nullptr : &*at;
}

std::map<std::int64_t, std::vector<StoredTableRow>> blocks_of_runs(
    Transaction& transaction, std::int64_t table, std::span<const std::int64_t> runs,
    std::size_t count_max, const RowBatch& touched) {
  std::map<std::int64_t, std::vector<StoredTableRow>> blocks;
  for (const std::int64_t run : runs) blocks[run];
  for (StoredTableRow& row : transaction.table_rows().of_runs(table, runs, count_max)) {
    const auto at = blocks.find(run_of(row.row).value_or(0));
    if (at != blocks.end()) at->second.push_back(std::move(row));
  }
  for (const TouchedRow& row : touched.all()) {  // which the storage need not know yet
    const auto run = run_of(row.stored.row);
    if (!row.changed || row.stored.key.source != table || !run) continue;
    const auto at = blocks.find(*run);
    if (at == blocks.end()) continue;
    std::erase_if(at->second, [&](const auto& known) { return known.key == row.stored.key; });
    at->second.push_back(row.stored);
  }
  return blocks;
}

void RunBlocks::load(Transaction& transaction, const std::vector<TouchedRun>& runs,
                     const RowBatch& touched) {
  for (const SourceRow& source : sources_) {
    const SourceRow* blocks = block_source(sources_, source);
    if (blocks == nullptr || blocks == &source) continue;
    std::vector<std::int64_t> failed;
    for (const TouchedRun& run : runs)
      if (run.due && run.stored.key.source == source.id && may_have_failed(run.stored.run))
        failed.push_back(run.stored.key.run);
    if (failed.empty()) continue;
    for (auto& [run, rows] :
         blocks_of_runs(transaction, blocks->id, failed, kBlocksAskedMax, touched))
      blocks_[{source.id, run}] = std::move(rows);
  }
}

Failure RunBlocks::explain(const RunKey& run, const SourceRow& source, const Step& step) const {
  const std::string_view before =
      step.before != nullptr && step.before->status ? *step.before->status : std::string_view();
  const SourceRow* table = block_source(sources_, source);
  const auto blocks = blocks_.find(run);
  if (table == nullptr || blocks == blocks_.end())
    return explain_failure(step.at->position, before, {}, source);
  return explain_failure(step.at->position, before, blocks->second, *table);
}

}  // namespace walpulse::monitor
