#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "monitor/ledger/counting/duration_histogram.h"

namespace walpulse::monitor {

/// What is kept of the runs of a pipeline that ended on one day (UTC) and were pruned.
struct DailyFigures {
  std::chrono::sys_days day;
  std::uint64_t completed = 0;  ///< Of these ends so many, ...
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  DurationHistogram durations;  ///< ... and how long those took that say it.
  bool operator==(const DailyFigures&) const = default;
};

/// Figures of days, of pruned runs alone: whoever shows a day adds the runs that are still there.
class DailyStore {
 public:
  virtual ~DailyStore() = default;
  /// Adds to what is there of the day. Only where the intent is exclusive.
  virtual void add(std::int64_t source, const std::string& pipeline,
                   const DailyFigures& figures) = 0;
  /// By rising day, both bounds included; days without any are left out.
  virtual std::vector<DailyFigures> of(std::int64_t source, const std::string& pipeline,
                                       std::chrono::sys_days from, std::chrono::sys_days to) = 0;
  virtual void remove(std::int64_t source, std::chrono::sys_days before) = 0;
};

}  // namespace walpulse::monitor
