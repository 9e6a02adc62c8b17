#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/ledger/timeline/timeline.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// Something a run did that counts.
enum class StepKind : std::uint8_t {
  created,
  started,     ///< Into RUNNING.
  finished,    ///< Into a terminal status from another status.
  retried,     ///< From a terminal status to one that is not.
  skipped,     ///< Into CANCELLED without ever having started.
  sla_missed,  ///< passed_sla seen true for the first time in this life.
  queued,      ///< The first RUNNING of a life that says when it started.
  timed,       ///< Finished, where the row says since when it ran.
  failed,      ///< Finished FAILED, once what its blocks did is known.
  ended,       ///< Finished, once what its blocks did is known.
};
/// A step of these kinds counts for each status apart.
constexpr bool counts_by_status(StepKind kind) {
  return kind == StepKind::finished || kind == StepKind::timed;
}

/// Pointers refer to the observed timeline.
struct Step {
  StepKind kind;
  const Entry* at;      ///< The entry that took the step; what counts by status has its status.
  const Entry* origin;  ///< The life's first entry, whose labels the life has.
  /// finished, timed: how long the run took; queued: how long it waited. Seconds.
  std::optional<double> seconds;
  bool by_scheduler = false;  ///< skipped: within a second of the insert, as Mage's scheduler does.
  const Entry* before = nullptr;  ///< finished, failed: what the life's last entry was until then.
  /// ended: the life's end before this one, else its first entry.
  const Entry* since = nullptr;
};

struct Observation {
  std::vector<Step> steps;  ///< By ascending position within each life.
  /// Something waits until what arrived then has been here for long enough.
  std::optional<IntakeTime> waits_for;
};

/// What a timeline says, as a pure function of it: neither the order in which the entries arrived
/// nor duplicates can matter. What a later entry could take back or move counts once its own entry
/// has been here for long: arrived at `settled` or before. README.md is the rule in words.
Observation observe(std::span<const Entry> timeline, IntakeTime settled);

/// A life begins with a starting state, which counts nothing, but for one that begins with its
/// insert.
inline bool begins_with_a_state(const Entry& origin) {
  return origin.operation != schema::Operation::insert || origin.key_changed;
}

/// When a life began: the commit of its insert, since the row's own created_at may be minutes too
/// early (it is the start of the inserting transaction); without an insert created_at must do.
std::optional<Timestamp> birth(const Entry& origin);

/// pipeline, trigger and the labels taken from `variables`, at most 9 (a status may follow).
telemetry::Labels life_labels(const Entry& origin);
/// The latter alone, by rising name. They refer to the entry.
class OwnLabels {
 public:
  explicit OwnLabels(const Entry& origin);
  bool empty() const { return count_ == 0; }
  std::span<const LabelView> all() const { return std::span(labels_).first(count_); }

 private:
  /// Cloud Monitoring's ten, less `status`, `pipeline` and `trigger`.
  std::array<LabelView, 7> labels_;
  std::size_t count_ = 0;
};

/// Never negative; in doubles, since the ends of PostgreSQL's calendar lie further apart than 64
/// bits of microseconds.
double seconds_between(Timestamp from, Timestamp until);

inline bool is_finite(Timestamp instant) {
  return instant != kInfinity && instant != kMinusInfinity;
}

/// What a row, of a run or of a block, says of its times as it ends.
struct EndTimes {
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> completed_at;
  Timestamp commit_time;
};
/// How long it had run when it ended, in seconds. A retry may keep the row's started_at: where the
/// end before (or null) has the same, it has run since the first RUNNING after that one,
/// `running_since`. Nothing where that is unknown or infinite.
std::optional<double> seconds_taken(const EndTimes& end, const EndTimes* before,
                                    const std::optional<Timestamp>& running_since);
/// The same of a run: it took the step into `finishing`, and `last_end` (or null) ended it before.
std::optional<double> run_seconds(const Entry& finishing, const Entry* last_end,
                                  const std::optional<Timestamp>& running_since);

inline constexpr std::string_view kUnknown = "unknown";

}  // namespace walpulse::monitor
