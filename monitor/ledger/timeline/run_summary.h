#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/runs.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// A change of a run's status, or of whether its row is there.
struct RunStep {
  Timestamp at;  ///< Of the commit.
  std::string status;
  schema::Operation operation = schema::Operation::insert;
  schema::Position position;  ///< Epoch, LSN and ordinal.
  bool operator==(const RunStep&) const = default;
};

/// What the newest life of a run id says, for whoever shows the run.
struct RunSummary {
  RunKey key;
  std::string pipeline;                  ///< The current name; `unknown` where no row said one.
  std::string status;                    ///< As RunState's: ORPHANED where Mage will never end it.
  bool active = false;                   ///< There, and not in a terminal status.
  bool deleted = false;                  ///< The row is no more.
  std::optional<Timestamp> created;      ///< See birth(); finite, as are the others.
  std::optional<Timestamp> started;      ///< As the newest row says it: a retry may keep it.
  std::optional<Timestamp> ended;        ///< Nothing while it is active.
  std::optional<double> seconds;         ///< How long it ran: see run_seconds().
  std::optional<std::int64_t> schedule;  ///< Also once the trigger was deleted.
  std::optional<std::int64_t> backfill;
  std::optional<Timestamp> slot;
  telemetry::Labels labels;    ///< Without `pipeline` and `trigger`.
  std::size_t attempts = 1;    ///< One more for each retry that was seen.
  std::vector<RunStep> steps;  ///< In the order of the log.
};

/// `timeline` is the run's with what ended its row merged in (see MergedTimeline), `state` as it is
/// kept: what one of an earlier build lacks is read off the timeline. Pure.
RunSummary run_summary(const RunKey& key, std::span<const Entry> timeline, const RunState& state);

}  // namespace walpulse::monitor
