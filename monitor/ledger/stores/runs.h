#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/timeline/counted_marks.h"
#include "monitor/ledger/timeline/run_state.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

struct RunKey {
  std::int64_t source = 0;
  std::int64_t run = 0;
  auto operator<=>(const RunKey&) const = default;
};

struct Run {
  Timeline timeline;
  std::optional<schema::Position> floor;  ///< See fold().
  CountedMarks counted;
  RunState state;
};
struct StoredRun {
  RunKey key;
  bool known = false;  ///< Stood in the storage when it was loaded, ...
  RunState before;     ///< ... in this state.
  Run run;
};

/// What the gauges say about one pipeline of one table, under its current name.
struct PipelineRow {
  struct Active {
    std::string status;
    std::int64_t runs = 0;
    Timestamp oldest;
  };
  std::int64_t source = 0;
  std::string pipeline;
  Timestamp last_event;
  std::optional<Success> success;
  std::int64_t failures = 0;  ///< FAILED runs that stand behind the last success.
  std::vector<Active> active;
};

/// The runs, and what the gauges ask of all of them at once.
class RunStore {
 public:
  virtual ~RunStore() = default;
  /// Parallel to `keys`, which are sorted and unique. Locks them, also those that are not known.
  virtual std::vector<StoredRun> load(std::span<const RunKey> keys) = 0;
  virtual void save(std::span<const StoredRun> runs) = 0;
  /// Runs as load() gave them in this transaction.
  virtual void remove(std::span<const StoredRun> runs) = 0;
  virtual std::vector<RunKey> active(std::int64_t source) = 0;
  /// At most `count_max` runs that follow `after` in key order, not locked.
  virtual std::vector<StoredRun> after(const RunKey& after, std::size_t count_max) = 0;
  /// At most `count_max` runs with something to count, those due first, not locked.
  virtual std::vector<RunKey> due(IntakeTime clock, std::size_t count_max) = 0;
  virtual std::vector<PipelineRow> pipelines() = 0;
};

}  // namespace walpulse::monitor
