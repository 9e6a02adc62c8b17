#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

struct LedgerOptions {
  /// Bucket bounds, seconds. They are stored: changed ones begin new series intervals.
  std::vector<double> duration_bounds{1,   2,    5,    10,   20,   30,    60,    120,   300,
                                      600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400};
  std::vector<double> queue_time_bounds{1,  2,   5,   10,  15,   20,   30,   45,
                                        60, 120, 300, 600, 1800, 3600, 7200, 21600};
  /// Coarse, since there are many blocks.
  std::vector<double> block_duration_bounds{1, 10, 60, 300, 1800, 7200};
  std::vector<double> delivery_latency_bounds{
      0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600};

  /// More values of a label than this fold into `_other`.
  std::size_t pipelines_max = 1000;
  std::size_t label_values_max = 200;
  /// Blocks of all pipelines together.
  std::size_t blocks_max = 5000;
  /// A quiet, idle pipeline whose last run succeeded loses its gauges after this.
  std::chrono::milliseconds forget_after = std::chrono::hours(24 * 30);
  /// Runs finished and untouched for so long, by the log's own time, are pruned.
  std::chrono::seconds prune_after = std::chrono::hours(24 * 30);
  /// The newest so many ends of each pipeline are not pruned, however old.
  std::size_t keep_runs = 50;
  /// So many runs at most are looked at by one prune().
  std::size_t prune_runs_max = 1000;
  /// Messages that were set aside go once they are older, by the monitor's clock, or take more
  /// together. What was forwarded goes first.
  std::chrono::seconds rejected_kept_for = std::chrono::hours(24 * 30);
  std::int64_t rejected_bytes_max = std::int64_t{64} << 20;
  /// Cloud Monitoring takes points of one series no closer than 10 s. Zero: no such limit.
  std::chrono::seconds export_gap_min{0};
  /// What the other instances call this one.
  std::string instance = "this instance";
  /// Series that did not change are exported this often.
  std::chrono::seconds idle_export_interval = std::chrono::minutes(10);
  /// How long by the intake clock a message must have been here before what a later one could take
  /// back is counted. Longer than any message is late.
  std::chrono::milliseconds settle = std::chrono::minutes(3);
  /// Timelines longer than this lose their oldest entries that say nothing.
  std::size_t timeline_entries_max = 1000;
  /// How long open_sqlite_ledger waits for another process to let go of the file.
  std::chrono::milliseconds lock_wait = std::chrono::seconds(2);
  /// When a new ledger is born: the series begin then, and so do the counters of connectors that
  /// were started before. The clock's now where absent. Ignored by a ledger that exists already.
  std::optional<Timestamp> birth;
};

}  // namespace walpulse::monitor
