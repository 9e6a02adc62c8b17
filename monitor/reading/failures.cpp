#include "monitor/reading/failures.h"

#include <algorithm>
#include <utility>

#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/application/merged_timeline.h"
#include "monitor/ledger/application/run_blocks.h"

namespace walpulse::monitor::reading {
namespace {

const SourceRow* row_of(const Context& context, std::int64_t table) {
  const auto at = std::ranges::find(context.sources, table, &SourceRow::id);
  return at == context.sources.end() ? nullptr : &*at;
}

/// Where a run came into FAILED last, and from which status.
struct LastFailure {
  schema::Position at;
  std::string before;
};

std::optional<LastFailure> last_failure(const Timeline& timeline) {
  std::optional<LastFailure> last;
  const Entry* before = nullptr;
  for (const Entry& entry : timeline) {
    const bool entered = before == nullptr || before->status != entry.status;
    if (entered && entry.status == mage::kFailed)
      last = LastFailure{entry.position, before != nullptr ? before->status.value_or("") : ""};
    before = &entry;
  }
  return last;
}

using Blocks = std::map<std::int64_t, std::vector<StoredTableRow>>;

Blocks read_blocks(Transaction& in, const SourceRow& blocks, std::vector<std::int64_t> runs) {
  std::ranges::sort(runs);
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  Blocks found;
  for (StoredTableRow& row : in.table_rows().of_runs(blocks.id, runs, kBlocksAskedMax)) {
    const std::int64_t run = run_of(row.row).value_or(0);
    found[run].push_back(std::move(row));
  }
  return found;
}

}  // namespace

Timeline timeline_of(const Context& context, const StoredRun& stored) {
  const SourceRow* row = row_of(context, stored.key.source);
  if (!stored.known || row == nullptr || stored.run.timeline.empty()) return {};
  return *MergedTimeline(stored, *row);
}

std::map<RunKey, Failure> read_failures(Transaction& in, const Context& context,
                                        std::span<const StoredRun> runs) {
  std::map<RunKey, LastFailure> failed;
  std::map<std::int64_t, std::vector<std::int64_t>> by_table;
  for (const StoredRun& stored : runs) {
    auto last = last_failure(timeline_of(context, stored));
    if (!last) continue;
    failed.emplace(stored.key, *std::move(last));
    by_table[stored.key.source].push_back(stored.key.run);
  }
  std::map<RunKey, Failure> failures;
  for (auto& [table, ids] : by_table) {
    const SourceRow* row = row_of(context, table);
    if (row == nullptr) continue;
    const SourceRow* blocks = block_source(context.sources, *row);
    Blocks rows;
    if (blocks != nullptr && blocks != row) rows = read_blocks(in, *blocks, ids);
    for (const std::int64_t run : ids) {
      const LastFailure& last = failed.at({table, run});
      failures.emplace(RunKey{table, run}, explain_failure(last.at, last.before, rows[run],
                                                           blocks == nullptr ? *row : *blocks));
    }
  }
  return failures;
}

FailureGroups read_failure_groups(Transaction& in, const Context& context, std::int64_t table,
                                  const std::string& pipeline) {
  FailureGroups found;
  auto failed = in.runs().ends_of(table, pipeline, {}, kMinusInfinity, kEndsLookedAtMax);
  std::erase_if(failed, [](const RunEnd& end) { return end.status != mage::kFailed; });
  if (failed.size() > kFailuresAskedMax) failed.resize(kFailuresAskedMax);
  std::vector<RunKey> keys;
  keys.reserve(failed.size());
  for (const RunEnd& end : failed) keys.push_back(end.key);
  std::ranges::sort(keys);
  const auto why = read_failures(in, context, in.runs().peek(keys));
  for (const RunEnd& end : failed) {
    ++found.looked_at;
    found.from = std::min(found.from.value_or(end.ended), end.ended);
    const auto at = why.find(end.key);
    Failure failure = at == why.end() ? Failure{} : at->second;
    failure.error.clear();
    const auto same = std::ranges::find_if(found.groups, [&](const FailureGroup& group) {
      return group.failure.cause == failure.cause && group.failure.block == failure.block;
    });
    if (same == found.groups.end()) {
      found.groups.push_back({std::move(failure), 1, end.key.run, {end.ended}});
      continue;
    }
    ++same->count;
    same->at.push_back(end.ended);
  }
  std::ranges::stable_sort(found.groups, std::ranges::greater{}, &FailureGroup::count);
  return found;
}

}  // namespace walpulse::monitor::reading
