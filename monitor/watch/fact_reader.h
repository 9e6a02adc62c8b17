#pragma once

#include <map>
#include <memory>
#include <span>
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

/// A pipeline, and which facts of it are wanted.
struct PipelineWanted {
  const PipelineVersion* pipeline = nullptr;
  FactsWanted facts;
};

/// Reads facts off the ledger, within one transaction that only reads.
class FactReader {
 public:
  explicit FactReader(Transaction& transaction) : transaction_(transaction) {}

  /// Parallel to `pipelines`, of one table; `triggers` are those beside it.
  std::vector<PipelineFacts> pipelines(const SourceRow& table,
                                       std::span<const PipelineWanted> pipelines,
                                       const TriggersOfTable& triggers);

  /// The runs that a trigger made for slots from `begin` on, of the table of runs beside its own.
  std::vector<SlotRun> slots(std::int64_t run_table, std::int64_t trigger, Timestamp begin);
  /// The same of many triggers; parallel to `triggers`.
  std::vector<std::vector<SlotRun>> slots(std::int64_t run_table,
                                          std::span<const SlotsWanted> triggers);

 private:
  PipelineFacts pipeline(const SourceRow& table, const PipelineWanted& of,
                         PipelineStanding standing, const TriggersOfTable& triggers);
  FailedRuns failed_at_one_position(std::int64_t table, const std::string& pipeline,
                                    const End& success);
  DeadlineFacts deadline(const SourceRow& table, const std::string& pipeline,
                         const FactsWanted& wanted, const TriggersOfTable& triggers);
  std::vector<LabelledFailures> failures_apart(std::int64_t table, const PipelineFacts& facts,
                                               const std::vector<std::string>& per);

  Transaction& transaction_;
};

}  // namespace walpulse::monitor
