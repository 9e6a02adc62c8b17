#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "decoder/schema/timestamp.h"
#include "monitor/ledger/timeline.h"
#include "publisher/gcp/metric.h"

namespace walpulse::monitor {

/// Something a run did that counts.
enum class StepKind : std::uint8_t {
  created,
  started,     ///< Into RUNNING.
  finished,    ///< Into a terminal status from another status.
  retried,     ///< From a terminal status to one that is not.
  skipped,     ///< Into CANCELLED without ever having started.
  sla_missed,  ///< passed_sla seen true for the first time in this life.
  queued,      ///< The first RUNNING of a life that says how long it waited.
  /// Finished, where the row says since when it ran. Of a kind of its own: of two entries into one
  /// status one may say so and the other not, and which is counted first depends on the arrival.
  timed,
};
/// A step of these kinds counts for each status apart.
constexpr bool counts_by_status(StepKind kind) {
  return kind == StepKind::finished || kind == StepKind::timed;
}

/// Pointers refer to the observed timeline.
struct Step {
  StepKind kind;
  const Entry* at;      ///< The entry that took the step; what counts by status has its status.
  const Entry* origin;  ///< The entry whose labels the life has; null: not known.
  /// finished, timed: how long the run took; queued: how long it waited. Seconds.
  std::optional<double> seconds;
};

struct Observation {
  std::vector<Step> steps;  ///< By ascending position.
  /// When the oldest life that waits for its insert committed its first entry.
  std::optional<Timestamp> waiting_since;
};

/// Where the past ends. A life without its insert that was created before the horizon (the later of
/// the ledger's birth and its epoch's second) begins with a starting state, which counts nothing;
/// one created later waits for its insert, unless its first entry was committed before
/// `waited_out`: then it has counted without. Where runs were pruned the horizon has risen to the
/// last commit of any of them, for all lives but those that have counted so: what comes back of a
/// pruned run was counted when it was known.
struct Horizon {
  Timestamp birth;
  Timestamp waited_out = kMinusInfinity;
  Timestamp pruned = kMinusInfinity;
};
bool begins_in_the_past(std::span<const Entry> life, const Horizon& horizon);

/// What a timeline says, as a pure function of it: neither the order in which the entries arrived
/// nor duplicates can matter. DESIGN section 6 is the rule in words.
Observation observe(std::span<const Entry> timeline, const Horizon& horizon);

/// pipeline, trigger and the labels taken from `variables`, at most 9 (a status may follow).
gcp::Labels life_labels(const Entry* origin);

/// From a finishing row alone: completed_at where it is within a minute of the commit (a retry
/// leaves a stale one), else the commit time, minus started_at.
std::optional<double> duration_seconds(const Entry& finishing);

/// Never negative; in doubles, since the ends of PostgreSQL's calendar lie further apart than 64
/// bits of microseconds.
double seconds_between(Timestamp from, Timestamp until);

inline constexpr std::string_view kUnknown = "unknown";

}  // namespace walpulse::monitor
