#include "monitor/reading/run_view.h"

#include <algorithm>
#include <span>
#include <utility>

#include "decoder/mage/pipeline_run.h"
#include "decoder/mage/tables.h"
#include "monitor/ledger/application/known_triggers.h"
#include "monitor/ledger/application/run_blocks.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/reading/failures.h"

namespace walpulse::monitor::reading {
namespace {

/// Ends that are looked at for the last success.
constexpr std::size_t kEndsAskedForSuccess = 2'000;
constexpr std::size_t kEndsAtOnce = 200;

}  // namespace

std::optional<RunView> run_view(const StoredRun& stored, const Context& context,
                                const Directory& directory) {
  const auto table = std::ranges::find(context.sources, stored.key.source, &SourceRow::id);
  if (!stored.known || table == context.sources.end() || stored.run.state.pipeline.empty())
    return std::nullopt;
  RunView view;
  view.run = run_summary(stored.key, timeline_of(context, stored), stored.run.state);
  view.source = table->name;
  if (view.run.schedule)
    if (const TriggerSummary* trigger = directory.trigger(view.source, *view.run.schedule))
      view.trigger_name = trigger->name();
  return view;
}

std::optional<std::vector<KnownBlock>> run_blocks(Transaction& in, const Context& context,
                                                  const RunKey& run) {
  const auto table = std::ranges::find(context.sources, run.source, &SourceRow::id);
  if (table == context.sources.end()) return std::nullopt;
  const SourceRow* source = block_source(context.sources, *table);
  if (source == nullptr || source == &*table) return std::nullopt;
  std::vector<KnownBlock> blocks;
  const std::int64_t ids[] = {run.run};
  for (const StoredTableRow& stored : in.table_rows().of_runs(source->id, ids, kBlocksShownMax)) {
    const mage::Row* row = newest_row(stored.row);
    const auto* block = row == nullptr ? nullptr : std::get_if<mage::BlockRun>(row);
    if (block != nullptr && is_there(*source, stored))
      blocks.push_back({*block, stored.row.entries.back().commit_time});
  }
  std::ranges::sort(blocks, {}, [](const KnownBlock& each) {
    return std::pair(each.block.started_at.value_or(kInfinity), each.block.id);
  });
  return blocks;
}

std::optional<StoredRun> find_run(Transaction& in, const Context& context,
                                  const std::string& source, std::int64_t run) {
  std::vector<RunKey> keys;
  for (const SourceRow& row : context.sources)
    if (row.name == source && mage::table_of(row.table) == mage::Table::runs)
      keys.push_back({row.id, run});
  std::ranges::sort(keys);
  std::optional<StoredRun> found;
  for (StoredRun& stored : in.runs().peek(keys)) {
    if (!stored.known) continue;
    if (!found || found->run.state.last_event < stored.run.state.last_event)
      found = std::move(stored);
  }
  return found;
}

std::optional<StoredRun> last_success_before(Transaction& in, const RunView& run) {
  EndsBefore before;
  if (run.run.ended) before = {*run.run.ended, run.run.key};
  std::optional<RunKey> found;
  bool same_labels = false;
  for (std::size_t looked = 0; looked < kEndsAskedForSuccess; looked += kEndsAtOnce) {
    const auto ends = in.runs().ends_of(run.run.key.source, run.run.pipeline, before,
                                        kMinusInfinity, kEndsAtOnce);
    for (const RunEnd& end : ends) {
      if (end.status != mage::kCompleted || end.key == run.run.key) continue;
      same_labels = decode_labels(end.labels).value_or(telemetry::Labels{}) == run.run.labels;
      if (same_labels || !found) found = end.key;
      if (same_labels) break;
    }
    if (same_labels || ends.size() < kEndsAtOnce) break;
    before = {ends.back().ended, ends.back().key};
  }
  if (!found) return std::nullopt;
  auto stored = in.runs().peek(std::span(&*found, 1));
  if (stored.empty() || !stored.front().known) return std::nullopt;
  return std::move(stored.front());
}

}  // namespace walpulse::monitor::reading
