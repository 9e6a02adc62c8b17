#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/stores/mutes.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/reading/deadline_view.h"
#include "monitor/reading/pipeline_state.h"
#include "monitor/reading/pipeline_summary.h"
#include "monitor/reading/source_view.h"
#include "monitor/rules/rule_book.h"

namespace walpulse::monitor::reading {

/// Whom a pipeline concerns, by the rules.
struct Concerned {
  std::string team, owner, runbook;  ///< Empty: nobody said.
  std::optional<DoneBy> done_by;
};

struct PipelineEntry {
  std::shared_ptr<const PipelineSummary> summary;
  std::shared_ptr<const Concerned> concerned;
  PipelineState state;
};

/// What is known in one picture of the ledger. Does not change.
struct Directory {
  std::vector<SourceView> sources;       ///< By name.
  std::vector<PipelineEntry> pipelines;  ///< By source and name, each once; those asked for.
  std::map<std::string, std::size_t> pipeline_counts;  ///< Of all, by source.
  std::vector<Problem> open;                           ///< In the order in which they were opened.
  std::vector<Mute> mutes;                             ///< In force.
  std::optional<Timestamp> as_of;  ///< The oldest of the sources that are known.
  Timestamp birth;                 ///< Of the ledger.

  /// Null where there is none.
  const PipelineEntry* find(const std::string& source, const std::string& pipeline) const;
  const SourceView* source(const std::string& name) const;
  /// The trigger of this number of a source; null where there is none.
  const TriggerSummary* trigger(const std::string& source, std::int64_t id) const;

  /// By source and trigger's number: the pipeline's place, and the trigger's there.
  std::map<std::pair<std::string, std::int64_t>, std::pair<std::size_t, std::size_t>> triggers;
};

/// Keeps the summary of every pipeline, so that lists and the first view cost no more than what
/// changed since the last look: summaries are read anew where the version of their runs moved,
/// where their triggers did, or where time alone changes them. Thread-safe, and no look waits for
/// another.
class PipelineDirectory {
 public:
  using Clock = std::chrono::steady_clock;

  /// As of `in`, by `rules`. `now` is this machine's clock. Summaries may be those of an exact look
  /// within `age_max`: where thousands of runs change a second, reading all that changed takes
  /// longer than whoever asks may wait. Zero: the look is exact. Problems, mutes and sources always
  /// are. Null where a read failed: what the transaction then gave is not kept.
  std::shared_ptr<const Directory> look(Transaction& in, const Context& context,
                                        const rules::RuleBook::InForce& rules, Timestamp now,
                                        Clock::duration age_max = Clock::duration::zero());
  using Key = std::pair<std::string, std::string>;  ///< Source and pipeline.
  /// An exact look at these alone, as far as they are known. The first look at all takes seconds
  /// where there are thousands.
  std::shared_ptr<const Directory> look_at(const std::set<Key>& pipelines, Transaction& in,
                                           const Context& context,
                                           const rules::RuleBook::InForce& rules, Timestamp now);

 private:
  /// What is known of one pipeline. Never changed once it is shared.
  struct Kept {
    std::int64_t table = -1;
    std::int64_t changes = -1;
    std::int64_t trigger_changes = -1;
    Timestamp next = kMinusInfinity;     ///< By then time alone changes it.
    Timestamp as_of = kMinusInfinity;    ///< As of when it was read.
    Timestamp renewed = kMinusInfinity;  ///< When its window was last read anew, by `now`.
    EndsWindow window;
    std::shared_ptr<const PipelineSummary> summary;
    std::shared_ptr<const Concerned> concerned;
    std::string rules_hash;  ///< Of `concerned`.
  };
  struct Triggers {
    std::int64_t changes = -1;
    std::multimap<std::string, TriggerSummary> by_pipeline;
  };
  /// What of one pipeline is current.
  struct Wanted {
    std::int64_t table = 0;
    std::int64_t changes = 0;
    Timestamp last_event = kMinusInfinity;
    std::int64_t trigger_changes = 0;
    std::shared_ptr<const Triggers> triggers;
  };
  using AllKept = std::map<Key, std::shared_ptr<const Kept>>;
  using AllWanted = std::map<Key, Wanted>;

  std::shared_ptr<const Triggers> triggers_of(Transaction& in, const Context& context,
                                              const SourceRow& table);
  AllWanted wanted(Transaction& in, const Context& context);
  std::shared_ptr<Directory> read(const AllWanted& wanted, bool exact, AllKept& kept,
                                  Transaction& in, const Context& context,
                                  const rules::RuleBook::InForce& rules, Timestamp now);
  void keep_triggers(const AllWanted& wanted);
  static bool is_current(const Kept& kept, const Wanted& wanted, Timestamp as_of);
  /// One that is made anew: shared once it is done.
  struct Renewal {
    std::shared_ptr<Kept> kept;
    std::shared_ptr<PipelineSummary> summary;
    bool runs_or_triggers = false;  ///< They changed too, not the time alone.
  };
  static Renewal begin_renewal(const Key& key, const Wanted& wanted, const Kept* before,
                               Timestamp as_of, Timestamp now);
  static void read_renewals(Transaction& in, std::span<const Renewal> renewals);

  std::mutex mutex_;
  AllKept kept_;
  std::map<std::int64_t, std::shared_ptr<const Triggers>> triggers_;  ///< By table of triggers.
  std::optional<Clock::time_point> exact_;  ///< When the last exact look was made.
};

}  // namespace walpulse::monitor::reading
