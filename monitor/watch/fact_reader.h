#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "monitor/ledger/ledger_reader.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/watch/pipeline_facts.h"
#include "monitor/watch/pipeline_judge.h"

namespace walpulse::monitor {

/// The triggers of one table, as facts of many pipelines need them.
struct TriggersOfTable {
  std::shared_ptr<const std::map<std::int64_t, std::string>> names;  ///< By id.
  std::multimap<std::string, const KnownTrigger*> by_pipeline;
};

/// Reads facts off the ledger, within one transaction that only reads.
class FactReader {
 public:
  explicit FactReader(Transaction& transaction) : transaction_(transaction) {}

  /// `triggers` are those beside the table.
  PipelineFacts pipeline(const SourceRow& table, const PipelineVersion& pipeline,
                         const FactsWanted& wanted, const TriggersOfTable& triggers);

  /// The runs that a trigger made for slots from `begin` on, of the table of runs beside its own.
  std::vector<SlotRun> slots(std::int64_t run_table, std::int64_t trigger, Timestamp begin);

  /// Those of a pipeline that ended FAILED behind its last success. All ends that a snapshot read
  /// stand at one position: there their times tell.
  FailedRuns failed_behind(std::int64_t table, const std::string& pipeline,
                           const std::optional<End>& success);

 private:
  DeadlineFacts deadline(const SourceRow& table, const std::string& pipeline,
                         const FactsWanted& wanted, const TriggersOfTable& triggers);
  std::vector<LabelledFailures> failures_apart(std::int64_t table, const PipelineFacts& facts,
                                               const std::vector<std::string>& per);

  Transaction& transaction_;
};

}  // namespace walpulse::monitor
