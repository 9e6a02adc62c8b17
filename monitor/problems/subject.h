#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/problems/time_limit.h"

namespace walpulse::monitor {

/// A run that is INITIAL or RUNNING, or in a status of Mage's that does not end one.
struct ActiveRun {
  std::int64_t id = 0;
  bool initial = false;   ///< Mage has not started it yet.
  Timestamp since;        ///< When it came into this status; if orphaned, when its trigger went.
  bool orphaned = false;  ///< Its trigger was deleted.
};

/// The runs that ended FAILED behind the last one that completed. One that is being retried is
/// among them until its retry has ended; one that was cancelled says neither.
struct FailedInARow {
  std::uint64_t count = 0;  ///< 0: the last end was a success, or there is none.
  Timestamp first;          ///< The commits of the first and of the last of them.
  Timestamp last;
  std::int64_t last_run = 0;
};

/// What is known, as of the watermark, of one pipeline, or of one pipeline and the labels by which
/// a rule tells its failures apart.
struct Subject {
  std::string source;
  std::string name;  ///< "daily_sales", "daily_sales partner=acme".
  FailedInARow failed;
  std::optional<Timestamp> last_success;
  Timestamp last_event = kMinusInfinity;  ///< The newest change of any of its runs.
  Timestamp known_since;  ///< Before it nothing is known: the ledger or the pipeline is younger.
  std::vector<ActiveRun> active;
};

/// A deadline that has passed.
struct PassedDeadline {
  Timestamp at;
  bool done = false;  ///< What had to be done by it is done, also where it was done later.
};

/// What is watched of a subject as a whole; what is of its runs is in stuck_runs.h. Nothing in an
/// optional: that is not.
struct Limits {
  std::optional<unsigned> fail_after = 1;  ///< So many failed ends in a row are a problem.
  TimeLimit fresh_within;
  TimeLimit down_for;  ///< Of a pipeline that runs for ever.
  std::optional<PassedDeadline> deadline;
};

}  // namespace walpulse::monitor
