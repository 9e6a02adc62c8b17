#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/shared_text.h"
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
  /// An earlier build wrote it: its state lacks what that did not know, until it is saved again.
  bool outdated = false;
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
  std::optional<End> success;
  std::int64_t failures = 0;  ///< FAILED runs that stand behind the last success: none is active.
  std::vector<Active> active;
};

/// One pipeline of one table, and whether anything of it changed.
struct PipelineVersion {
  std::int64_t source = 0;
  std::string pipeline;
  /// Rises with every save or removal of runs that have this current name, or had it until then.
  /// Begins anew where the pipeline had no run left in between.
  std::int64_t changes = 0;
  /// The earliest last event that a run was saved with. The runs of later slots are all known with
  /// their slots: in a ledger that an earlier build made it is the last event by then.
  std::optional<Timestamp> first_event;
  Timestamp last_event = kMinusInfinity;  ///< The newest of its runs' changes.
};

/// A run whose last end was FAILED; it may be active again.
struct FailedRun {
  std::int64_t run = 0;
  End end;
  std::string labels;  ///< As RunState's.
  std::optional<std::int64_t> schedule;
  bool operator==(const FailedRun&) const = default;
};
struct FailedRuns {
  std::uint64_t count = 0;
  std::optional<FailedRun> first, last;  ///< By their ends: positions, then times.
};

/// Behind which end the failures of these labels and this schedule are of interest; without one all
/// are. Asked once for each such set.
using GroupBound = std::function<std::optional<End>(const std::string& labels,
                                                    const std::optional<std::int64_t>& schedule)>;

/// The newest success of the runs of these labels and this schedule.
struct GroupSuccess {
  std::string labels;  ///< As RunState's.
  std::optional<std::int64_t> schedule;
  End success;
  bool operator==(const GroupSuccess&) const = default;
};

/// A run that a trigger made for a slot; of a deleted row too.
struct SlotRun {
  Timestamp slot;
  std::int64_t run = 0;
  bool completed = false;  ///< It has succeeded at some time.
  bool failed = false;     ///< Its last end was FAILED.
  bool operator==(const SlotRun&) const = default;
};

/// What judging a pipeline begins with.
struct PipelineStanding {
  std::optional<End> success;  ///< As last_success().
  FailedRuns failed;           ///< As failed_behind() it.
  std::vector<RunKey> active;  ///< As active_of().
};

/// Which slots of a trigger are asked for: from `from` on, and before `before`.
struct SlotsWanted {
  std::int64_t schedule = 0;
  Timestamp from;
  Timestamp before = kInfinity;
};

/// The end of a run, as lists and bars need it. Of a run that is active again there is none.
struct RunEnd {
  Timestamp ended;  ///< The commit of the terminal entry; see RunFinish. A deleted run keeps it.
  RunKey key;
  SharedText pipeline;            ///< The ends of one reading share it, as they do their labels.
  std::string status;             ///< COMPLETED, FAILED or CANCELLED.
  std::optional<double> seconds;  ///< How long it ran, as the row says it: see run_seconds().
  std::optional<std::int64_t> schedule;
  SharedText labels;  ///< As RunState's.
  bool operator==(const RunEnd&) const = default;
};

/// Ends before (ended, key), the newest first. The first page begins at kInfinity; the next one at
/// the last end of the page before it.
struct EndsBefore {
  Timestamp ended = kInfinity;
  RunKey key{INT64_MAX, INT64_MAX};
};

/// Which ends of a pipeline are asked for.
struct EndsWanted {
  std::string pipeline;
  EndsBefore before = {};
};

/// The runs of one pipeline that a list of them begins with.
struct PipelineRuns {
  std::vector<StoredRun> active;  ///< Those of the greatest ids, the greatest first.
  std::vector<StoredRun> ended;   ///< Those that ended last, the last first.
};

/// The runs, and what the gauges and the problems ask of them. Of a run that an earlier build wrote
/// the labels read as empty and its slot is not known, until it is saved again.
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

  /// Of every pipeline that has a run.
  virtual std::vector<PipelineVersion> versions() = 0;
  /// A pipeline's newest success.
  virtual std::optional<End> last_success(std::int64_t source, const std::string& pipeline) = 0;
  /// A pipeline's runs that failed behind `after`; without it all that did. Read off an index.
  virtual FailedRuns failed_behind(std::int64_t source, const std::string& pipeline,
                                   const std::optional<schema::Position>& after) = 0;
  /// The same of each set of labels and schedule, behind an end of its own; in no order, none of
  /// those without any. However many failed, what is held are the sets.
  virtual std::vector<FailedRuns> group_failures(std::int64_t source, const std::string& pipeline,
                                                 const GroupBound& behind) = 0;
  /// Of each set of labels and schedule that a pipeline's successful runs have, in no order.
  virtual std::vector<GroupSuccess> group_successes(std::int64_t source,
                                                    const std::string& pipeline) = 0;
  /// The labels of a pipeline's runs that were created and completed after an instant, each once.
  virtual std::vector<std::string> completed_after(std::int64_t source, const std::string& pipeline,
                                                   Timestamp instant) = 0;
  /// A pipeline's active runs by rising id.
  virtual std::vector<RunKey> active_of(std::int64_t source, const std::string& pipeline) = 0;
  /// Parallel to `keys`, not locked. Those that are not there are not known.
  virtual std::vector<StoredRun> peek(std::span<const RunKey> keys) = 0;
  /// Parallel to `pipelines`, of one source: of many in few questions.
  virtual std::vector<PipelineStanding> standings(std::int64_t source,
                                                  std::span<const std::string> pipelines) = 0;
  /// Parallel to `pipelines`, of one source: whether the last end of any of its runs was FAILED.
  virtual std::vector<bool> have_failed(std::int64_t source,
                                        std::span<const std::string> pipelines) = 0;
  /// The runs that a trigger made for slots from `from` on and before `before`: the newest slot
  /// first, of one slot the greatest id first, at most `count_max`. Read off an index.
  virtual std::vector<SlotRun> slots(std::int64_t source, std::int64_t schedule, Timestamp from,
                                     Timestamp before, std::size_t count_max) = 0;
  /// The same of many triggers of one source in one question: parallel to `triggers`, at most
  /// `count_max` of each.
  virtual std::vector<std::vector<SlotRun>> slots_of(std::int64_t source,
                                                     std::span<const SlotsWanted> triggers,
                                                     std::size_t count_max) = 0;

  /// The ends of a pipeline's runs that lie before `before`, and at `from` or later: the newest
  /// first, of one instant the greatest key first, at most `count_max`. Read off an index.
  virtual std::vector<RunEnd> ends_of(std::int64_t source, const std::string& pipeline,
                                      const EndsBefore& before, Timestamp from,
                                      std::size_t count_max) = 0;
  /// The same of many pipelines of one source in one question: parallel to `pipelines`, at most
  /// `count_max` of each.
  virtual std::vector<std::vector<RunEnd>> ends_of_each(std::int64_t source,
                                                        std::span<const EndsWanted> pipelines,
                                                        Timestamp from, std::size_t count_max) = 0;
  /// The same of all pipelines of all tables together.
  virtual std::vector<RunEnd> ends(const EndsBefore& before, Timestamp from,
                                   std::size_t count_max) = 0;
  /// Of a pipeline at most `count_max` runs of each kind, not locked; ends at `from` or later. The
  /// same as active_of() or ends_of(), and peek(): for what is asked most often, in one question.
  virtual PipelineRuns runs_of(std::int64_t source, const std::string& pipeline, Timestamp from,
                               std::size_t count_max) = 0;
  /// Of a pipeline the runs of its newest `count` ends, and of each set of labels and schedule the
  /// run of its newest end and one of its newest success (unless that is of a run that is active
  /// again): of the `groups_max` sets that ended last. By rising id. Walks the pipeline's ends.
  virtual std::vector<std::int64_t> newest_runs(std::int64_t source, const std::string& pipeline,
                                                std::size_t count, std::size_t groups_max) = 0;
};

}  // namespace walpulse::monitor
