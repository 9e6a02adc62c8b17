#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/schema/change_event.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// Something that a run did and that was counted: its end, above all. The transaction that counts
/// it writes it down, and reads no rules: what follows from it is decided later, by the leader.
struct Happening {
  /// Of the row that it stands in, with others; given by the storage, zero: not stored yet.
  std::int64_t id = 0;
  std::int64_t source = 0;  ///< Of the table of runs: SourceRow::id.
  std::int64_t run = 0;
  /// "COMPLETED", "FAILED", "CANCELLED"; "SLA_MISSED" and "ORPHANED", which end no run.
  std::string status;
  /// The n-th of this status of this run, from 1. With the run and the status it is the happening's
  /// name for good: a position may move.
  std::uint32_t nth = 1;
  schema::Position position;  ///< Of the change that did it: see Watermark::told_from.
  Timestamp at;               ///< When that was committed.
  std::string pipeline;
  std::optional<std::int64_t> trigger;  ///< pipeline_schedule.id
  std::string made_by;  ///< "trigger", "backfill", "manual", as the counters say it; empty: none.
  telemetry::Labels labels;       ///< Those taken from `variables`.
  std::optional<double> seconds;  ///< How long the run took.
  std::string block;        ///< FAILED: the first block that had failed; empty: none is known.
  std::string error;        ///< Of that block, where the connector lets it out.
  std::string traceparent;  ///< Of the message that said so; empty: none.

  bool operator==(const Happening&) const = default;
};

/// What happened and was not routed yet. What one transaction counts of one table is one row: a row
/// for each would cost the intake a tenth.
class HappeningStore {
 public:
  virtual ~HappeningStore() = default;
  /// At most once in a transaction.
  virtual void add(std::span<const Happening> happenings) = 0;
  /// Those of the oldest rows by id, whole ones, until there are `count_max`; without those of the
  /// sources `but`. Ids become visible out of order where several instances write: what was handled
  /// is known by its id, never by a mark.
  virtual std::vector<Happening> oldest(std::size_t count_max,
                                        std::span<const std::int64_t> but = {}) = 0;
  /// Rows, with all that stands in them.
  virtual void remove(std::span<const std::int64_t> ids) = 0;
  virtual std::int64_t count() = 0;
};

}  // namespace walpulse::monitor
