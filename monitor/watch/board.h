#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/ledger_reader.h"
#include "monitor/ledger/problem_ledger.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/problems/slot_findings.h"
#include "monitor/rules/rules.h"
#include "monitor/watch/fact_reader.h"

namespace walpulse::monitor {

/// Every pipeline and every trigger as it was judged last. A round judges again what changed since,
/// and what time alone may have changed: where nothing did it costs one read of two small tables.
/// One thread uses it.
class Board {
 public:
  /// Judges the tables of the sources in `judged`, which map to their watermarks; of the others all
  /// stays as it was. `transaction` only reads.
  void refresh(Transaction& transaction, const Context& context, const rules::Rules& rules,
               const std::map<std::string, Timestamp>& judged);
  /// Of one source, as of its watermark.
  std::vector<Finding> findings(const std::string& source, Timestamp as_of) const;
  /// Slots that were missed for good and not taken yet.
  std::vector<MissedSlots> take_missed() { return std::exchange(missed_, {}); }
  /// The rules are others, or another process led meanwhile: everything is judged anew.
  void clear();

 private:
  struct Pipeline {
    std::int64_t changes = -1;
    Timestamp next = kMinusInfinity;  ///< By then it is judged again, unchanged or not.
    std::vector<Finding> findings;
  };
  struct Watched {
    KnownTrigger trigger;
    std::int64_t run_table = 0;
    std::int64_t changes = -1;  ///< Of its pipeline.
    Timestamp next = kMinusInfinity;
    Timestamp judged = kMinusInfinity;  ///< As of when it was judged last.
    TriggerSlots slots;
    Timestamp missed_up_to = kMinusInfinity;  ///< Up to this slot they were taken.
    Timestamp missed_kept = kMinusInfinity;   ///< As the ledger had it then.
  };
  using PipelineKey = std::pair<std::int64_t, std::string>;  ///< Table of runs, and name.
  /// A table of runs, and the one of triggers beside it, if there is one.
  struct Tables {
    const SourceRow* runs = nullptr;
    const SourceRow* triggers = nullptr;
  };
  /// One of several tables of runs under one source name, which may all have a pipeline of one
  /// name.
  struct TableApart {
    std::string name;
    bool is_first = false;  ///< Of those that were ever heard of: it was alone until others came.
  };

  void refresh_tables(const std::vector<Tables>& tables);
  void refresh_triggers(Transaction& transaction, const Tables& tables);
  void refresh_pipelines(Transaction& transaction, const Tables& tables, const rules::Rules& rules,
                         Timestamp as_of);
  void judge_triggers(Transaction& transaction, const Tables& tables, const rules::Rules& rules,
                      Timestamp as_of);
  static Timestamp slots_begin_of(const Watched& watched, Timestamp as_of);
  void judge(Watched& watched, const std::vector<SlotRun>& runs, Timestamp begin,
             const rules::Rules& rules, Timestamp as_of);
  TriggersOfTable triggers_of(std::int64_t table) const;
  void tell_apart(Finding& finding, std::int64_t run_table) const;

  std::map<std::int64_t, TableApart> tables_apart_;  ///< By table of runs.
  std::map<PipelineKey, PipelineVersion> versions_;  ///< Of this round.
  std::map<PipelineKey, Pipeline> pipelines_;
  std::map<std::int64_t, std::int64_t> trigger_changes_;               ///< By table of triggers.
  std::map<std::pair<std::int64_t, std::int64_t>, Watched> triggers_;  ///< By table, and id.
  std::vector<MissedSlots> missed_;
};

}  // namespace walpulse::monitor
