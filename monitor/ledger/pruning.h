#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Which runs nothing needs any more: they are over, were untouched for long, and no gauge stands
/// on them. Their counts stay in the series.
class PruneRule {
 public:
  /// The age of a run is measured in its log's own time, which a wrong clock here cannot hurry:
  /// from the newest commit seen of its source, or `now` where that is earlier.
  PruneRule(const Context& context, const std::vector<PipelineRow>& pipelines,
            std::chrono::seconds prune_after, Timestamp now);

  bool may_go(const StoredRun& stored) const;
  /// A deleted trigger or block is only remembered against late changes of it.
  bool may_go(const StoredTableRow& deleted) const;
  /// Forgets the figures of days that lie too far back, by the log's own time.
  void remove_days(DailyStore& daily) const;

 private:
  const std::chrono::seconds prune_after_;
  std::map<std::int64_t, Timestamp> untouched_since_;  ///< By source.
  std::map<std::pair<std::int64_t, std::string>, std::optional<End>> successes_;
};

/// The runs that lists, bars and judgements need however old they are: looked up once in a scan for
/// each pipeline. What ends meanwhile only makes more of them dispensable, but for a newest end
/// that is taken back by a retry: that run is there itself then.
class KeptRuns {
 public:
  bool knows(std::int64_t source, const std::string& pipeline) const {
    return runs_.contains({source, pipeline});
  }
  /// `runs` are ids by rising order.
  void add(std::int64_t source, const std::string& pipeline, std::vector<std::int64_t> runs) {
    runs_[{source, pipeline}] = std::move(runs);
  }
  /// Of a run whose pipeline is known.
  bool has(const StoredRun& stored) const;
  void clear() { runs_.clear(); }

 private:
  std::map<std::pair<std::int64_t, std::string>, std::vector<std::int64_t>> runs_;
};
/// Of so many sets of labels and schedule of a pipeline, those that ended last, the newest end and
/// the newest success stay: so that whoever tells them apart judges rightly beyond the days that
/// runs are kept for.
inline constexpr std::size_t kGroupsKeptMax = 200;

/// Adds what becomes of these runs to the figures of their days, which are kept for 400.
void keep_figures(DailyStore& daily, std::span<const StoredRun> removed);
inline constexpr std::chrono::days kDaysKept{400};

/// Behind which nothing of an unknown run counts: the greatest position of the runs removed, by
/// source.
std::map<std::int64_t, schema::Position> prune_floors(std::span<const StoredRun> removed);
std::map<std::int64_t, schema::Position> prune_floors(std::span<const StoredTableRow> removed);

/// Removes the blocks of runs that were removed. Behind the floor of those runs nothing of an
/// unknown block is kept either.
void remove_blocks(Transaction& transaction, const std::vector<SourceRow>& sources,
                   std::span<const StoredRun> removed);

}  // namespace walpulse::monitor
