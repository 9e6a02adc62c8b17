#include "monitor/ledger/application/block_counter.h"

#include <algorithm>
#include <span>
#include <utility>

#include "monitor/ledger/application/run_blocks.h"
#include "monitor/ledger/counting/metric_descriptors.h"

namespace walpulse::monitor {
namespace {

/// What is held at once: so many runs with so many blocks each. Runs of more are read one by one.
constexpr std::size_t kRunsAtOnce = 100;
constexpr std::size_t kBlocksAtOnce = 100;

}  // namespace

void BlockCounter::add(const RunKey& run, const NewStep& counted) {
  const Step& step = counted.step;
  ends_[run.source].push_back(
      {run.run, counted.labels->at("pipeline"), step.since->position, step.at->position});
}

void BlockCounter::count(Transaction& transaction, const RowBatch& touched,
                         SeriesChanges& changes) {
  for (const SourceRow& source : sources_) {
    const auto ended = ends_.find(source.id);
    const SourceRow* blocks = ended == ends_.end() ? nullptr : block_source(sources_, source);
    if (blocks == nullptr || blocks == &source) continue;
    add_to(changes, source.name, read(transaction, blocks->id, ended->second, touched));
  }
}

BlockCounter::Sums BlockCounter::read(Transaction& transaction, std::int64_t table, Ends& ends,
                                      const RowBatch& touched) const {
  std::stable_sort(ends.begin(), ends.end(),
                   [](const RunEnd& a, const RunEnd& b) { return a.run < b.run; });
  std::vector<std::int64_t> runs;
  runs.reserve(ends.size());
  for (const RunEnd& end : ends)
    if (runs.empty() || runs.back() != end.run) runs.push_back(end.run);
  Sums sums;
  for (std::span<const std::int64_t> left(runs); !left.empty();) {
    const auto part = left.first(std::min(left.size(), kRunsAtOnce));
    left = left.subspan(part.size());
    for (auto& [run, blocks] : blocks_of_runs(transaction, table, part, kBlocksAtOnce, touched)) {
      if (blocks.size() >= kBlocksAtOnce)
        blocks =
            blocks_of_runs(transaction, table, std::span(&run, 1), kBlocksCountedMax, touched)[run];
      const auto first =
          std::lower_bound(ends.begin(), ends.end(), run,
                           [](const RunEnd& end, std::int64_t sought) { return end.run < sought; });
      for (auto end = first; end != ends.end() && end->run == run; ++end)
        sum_up(*end, blocks, sums);
      blocks = {};
    }
  }
  return sums;
}

void BlockCounter::sum_up(const RunEnd& end, const std::vector<StoredTableRow>& blocks,
                          Sums& sums) const {
  for (const StoredTableRow& stored : blocks) {
    for (const BlockEnd& each : block_ends(stored.row, end.since, end.until)) {
      Sum& sum = sums[{end.pipeline, std::string(each.block), std::string(each.status)}];
      ++sum.count;
      if (!each.seconds) continue;
      if (sum.seconds.counts.empty()) sum.seconds.bounds = options_.block_duration_bounds;
      sum.seconds.add(*each.seconds);
    }
  }
}

void BlockCounter::add_to(SeriesChanges& changes, const std::string& source, const Sums& sums) {
  const MetricDescriptors& metrics = metric_descriptors();
  for (const auto& [key, sum] : sums) {
    const auto& [pipeline, block, status] = key;
    Folded folded = labels_.fold_block(pipeline, block);
    for (const std::string& label : folded.beyond)
      changes.count(metrics.overflow_count, source, {{"label", label}}, sum.count);
    folded.labels["status"] = status;
    if (!sum.seconds.counts.empty())
      changes.add({&metrics.block_duration, source, folded.labels}, sum.seconds);
    changes.count(metrics.block_ended_count, source, std::move(folded.labels), sum.count);
  }
}

}  // namespace walpulse::monitor
