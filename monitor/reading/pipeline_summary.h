#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "monitor/ledger/ledger_reader.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/reading/durations.h"
#include "monitor/reading/ends_window.h"
#include "monitor/reading/label_sets.h"
#include "monitor/schedule/slots.h"
#include "monitor/watch/pipeline_facts.h"

namespace walpulse::monitor::reading {

/// A trigger as lists show it.
struct TriggerSummary {
  std::shared_ptr<const KnownTrigger> trigger;
  std::int64_t run_table = 0;  ///< The table of runs beside its own; zero: there is none.
  bool active = false;         ///< Mage makes runs when its slots are due, or when it is called.
  bool follows = false;        ///< When its slots are due is known.
  std::optional<SlotRun> last_run;  ///< For its newest slot that has one.
  std::optional<Slot> next;         ///< The next slot after `as_of`.

  const std::string& pipeline() const;
  std::string name() const { return trigger->trigger.name.value_or(""); }
};

/// A slot whose newest run failed and that no run completed.
struct NotMadeGood {
  Timestamp slot;
  std::int64_t trigger = 0;
  std::string trigger_name;
  std::int64_t run = 0;  ///< The newest for it.
  bool operator==(const NotMadeGood&) const = default;
};

/// The newest ends of one pipeline are kept so far.
inline constexpr std::size_t kLastEndsMax = 50;
/// So many active runs of one pipeline are looked at; the others are counted.
inline constexpr std::size_t kActiveMax = 200;
/// So many of the newest runs of one trigger are asked which slots were not made good.
inline constexpr std::size_t kSlotRunsAsked = 2'000;

/// What is known of one pipeline, whatever the rules and the problems say of it.
struct PipelineSummary {
  std::int64_t table = 0;  ///< Of its runs; zero where it has none, only triggers.
  std::string source;
  std::string name;
  Timestamp last_event = kMinusInfinity;
  std::vector<RunEnd> last_ends;  ///< The newest first, at most kLastEndsMax.
  Durations durations;
  EndTally success;  ///< Within EndsWindow::kLength.
  std::optional<Timestamp> last_success;
  std::size_t active_count = 0;
  std::vector<ActiveFacts> active;         ///< Those longest in their status first.
  std::vector<NotMadeGood> not_made_good;  ///< The newest slot first.
  std::vector<TriggerSummary> triggers;    ///< By name, then id.
  /// Of the newest ends and those within EndsWindow::kLength; null where none has labels.
  std::shared_ptr<const LabelSets> label_sets;

  /// Its next slot, and whose.
  const TriggerSummary* next_due() const;
};

/// Runs that go on for longer, or a last run that took longer or shorter, than is usual.
struct Unusual {
  std::int64_t run = 0;
  std::optional<double> seconds;  ///< Nothing while it goes on.
};
/// As of `as_of`; a run that goes on comes first. Pure.
std::optional<Unusual> unusual_of(const PipelineSummary& summary, Timestamp as_of);
/// Whether a run that goes on has done so for longer than is usual.
bool runs_unusually_long(const PipelineSummary& summary, const ActiveFacts& run, Timestamp as_of);

/// A summary to be read, and the window that is followed for it. Whose pipeline, table and triggers
/// they are is known.
struct SummaryWanted {
  PipelineSummary* summary = nullptr;
  EndsWindow* window = nullptr;
  Timestamp as_of;
};
/// Reads what of summaries changes with their pipelines' runs, of a hundred in few questions. Of
/// the triggers their last runs are read.
void read_summaries(Transaction& in, std::span<const SummaryWanted> wanted);
/// What changes with time alone: the tally, and the triggers' next slots. When it must be done
/// again at the latest.
Timestamp pass_time(PipelineSummary& summary, const EndsWindow& window, Timestamp as_of);

}  // namespace walpulse::monitor::reading
