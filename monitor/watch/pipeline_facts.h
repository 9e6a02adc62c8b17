#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/runs.h"
#include "monitor/problems/subject.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// A run that has not ended, and what it is told apart by.
struct ActiveFacts {
  ActiveRun run;
  telemetry::Labels labels;
  std::optional<std::int64_t> schedule;
};

/// The end of a run, and what it is told apart by.
struct LabelledEnd {
  telemetry::Labels labels;
  std::optional<std::int64_t> schedule;
  End end;
};

/// The failures of runs of these labels and this schedule, behind the last success of whatever the
/// rules take them together with.
struct LabelledFailures {
  telemetry::Labels labels;
  std::optional<std::int64_t> schedule;
  std::uint64_t count = 0;
  End first, last;
  std::int64_t last_run = 0;
};

/// What is known of the newest deadline that has passed.
struct DeadlineFacts {
  Timestamp at;
  /// Whether every slot since the deadline before it has a run that completed; nothing where no
  /// trigger of the pipeline has slots.
  std::optional<bool> slots_done;
  /// The labels of the runs that were created since the deadline before it, and completed.
  std::vector<telemetry::Labels> completed;
};

/// What the ledger knows of one pipeline, in one picture.
struct PipelineFacts {
  std::string source;
  std::string pipeline;
  Timestamp known_since;                  ///< Of its first event.
  Timestamp last_event = kMinusInfinity;  ///< Of any of its runs.
  std::optional<End> success;
  FailedRuns failed;  ///< Behind `success`.
  /// By labels and trigger; only read where the rules tell them apart.
  std::vector<LabelledEnd> successes;  ///< The newest of each.
  std::vector<LabelledFailures> failures;
  std::vector<ActiveFacts> active;
  std::optional<DeadlineFacts> deadline;
  /// By pipeline_schedule.id, of the source's triggers.
  std::shared_ptr<const std::map<std::int64_t, std::string>> trigger_names;
};

inline constexpr std::string_view kTriggerLabel = "trigger";  ///< In `per`: the trigger's name.

/// What runs of one pipeline share, where they are told apart.
struct Group {
  /// In the order in which `per` names them; of a trigger its name.
  std::vector<std::pair<std::string, std::string>> labels;
  /// pipeline_schedule.id: a name changes, and two triggers may share one.
  std::optional<std::int64_t> trigger;
  auto operator<=>(const Group&) const = default;
};

/// The name of a trigger, where it is known.
std::optional<std::string> trigger_of(const PipelineFacts& facts,
                                      const std::optional<std::int64_t>& schedule);
/// What `per` takes runs together by. A label that is not there is left out.
Group group_of(const std::vector<std::string>& per, const PipelineFacts& facts,
               const telemetry::Labels& labels, const std::optional<std::int64_t>& schedule);

/// Of a run that is active: its status and since when, its newest life's labels, its trigger.
ActiveFacts active_facts(const StoredRun& stored);

}  // namespace walpulse::monitor
