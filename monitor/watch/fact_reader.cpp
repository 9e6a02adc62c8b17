#include "monitor/watch/fact_reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "monitor/ledger/timeline/label_bytes.h"
#include "monitor/watch/trigger_judge.h"

namespace walpulse::monitor {
namespace {

/// Beside the runs of its slots a trigger may have been run by hand many times; a week, which lies
/// between two deadlines at most, has 10,080 minutes.
constexpr std::size_t kSlotRunsMax = 20'000;

telemetry::Labels labels_of(const std::string& bytes) {
  return decode_labels(bytes).value_or(telemetry::Labels{});
}

bool comes_before(const FailedRun& a, const FailedRun& b) {
  return std::tie(a.end, a.run) < std::tie(b.end, b.run);
}

}  // namespace

std::vector<PipelineFacts> FactReader::pipelines(const SourceRow& table,
                                                 std::span<const PipelineWanted> pipelines,
                                                 const TriggersOfTable& triggers) {
  std::vector<std::string> names;
  names.reserve(pipelines.size());
  for (const PipelineWanted& each : pipelines) names.push_back(each.pipeline->pipeline);
  auto standings = transaction_.runs().standings(table.id, names);
  std::vector<PipelineFacts> found;
  found.reserve(pipelines.size());
  for (std::size_t i = 0; i < pipelines.size(); ++i)
    found.push_back(pipeline(table, pipelines[i], std::move(standings[i]), triggers));
  return found;
}

PipelineFacts FactReader::pipeline(const SourceRow& table, const PipelineWanted& of,
                                   PipelineStanding standing, const TriggersOfTable& triggers) {
  RunStore& runs = transaction_.runs();
  const std::string& name = of.pipeline->pipeline;
  const FactsWanted& wanted = of.facts;
  PipelineFacts facts;
  facts.source = table.name;
  facts.pipeline = name;
  facts.known_since = of.pipeline->first_event.value_or(Timestamp{});
  facts.success = standing.success;
  facts.last_event = of.pipeline->last_event;
  // All ends that a snapshot read stand at one position: there their times tell.
  const bool by_time = facts.success && facts.success->position == schema::Position{};
  facts.failed =
      by_time ? failed_at_one_position(table.id, name, *facts.success) : std::move(standing.failed);
  if (wanted.apart) {
    for (const GroupSuccess& each : runs.group_successes(table.id, name))
      facts.successes.push_back({labels_of(each.labels), each.schedule, each.success});
  }
  for (const StoredRun& stored : runs.peek(standing.active))
    if (stored.known) facts.active.push_back(active_facts(stored));
  facts.trigger_names = triggers.names;
  if (!wanted.per.empty()) facts.failures = failures_apart(table.id, facts, wanted.per);
  if (wanted.deadline) facts.deadline = deadline(table, name, wanted, triggers);
  return facts;
}

DeadlineFacts FactReader::deadline(const SourceRow& table, const std::string& pipeline,
                                   const FactsWanted& wanted, const TriggersOfTable& triggers) {
  DeadlineFacts facts;
  facts.at = *wanted.deadline;
  const auto [begin, end] = triggers.by_pipeline.equal_range(pipeline);
  for (auto at = begin; at != end; ++at) {
    const KnownTrigger& trigger = *at->second;
    const auto done =
        slots_done(trigger.expectation, slots(table.id, trigger.trigger.id, wanted.before_deadline),
                   wanted.before_deadline, *wanted.deadline);
    if (done) facts.slots_done = facts.slots_done.value_or(true) && *done;
  }
  for (const std::string& labels :
       transaction_.runs().completed_after(table.id, pipeline, wanted.before_deadline))
    facts.completed.push_back(labels_of(labels));
  return facts;
}

FailedRuns FactReader::failed_at_one_position(std::int64_t table, const std::string& pipeline,
                                              const End& success) {
  FailedRuns found;
  const GroupBound behind = [&](const auto&, const auto&) { return std::optional(success); };
  for (const FailedRuns& group : transaction_.runs().group_failures(table, pipeline, behind)) {
    found.count += group.count;
    if (!found.first || comes_before(*group.first, *found.first)) found.first = group.first;
    if (!found.last || comes_before(*found.last, *group.last)) found.last = group.last;
  }
  return found;
}

/// A set of labels and trigger is failing behind the last success of all that it is taken together
/// with, not behind its own.
std::vector<LabelledFailures> FactReader::failures_apart(std::int64_t table,
                                                         const PipelineFacts& facts,
                                                         const std::vector<std::string>& per) {
  std::map<Group, End> successes;
  for (const LabelledEnd& each : facts.successes) {
    const auto [at, is_new] =
        successes.try_emplace(group_of(per, facts, each.labels, each.schedule), each.end);
    if (!is_new) at->second = std::max(at->second, each.end);
  }
  const GroupBound last_success = [&](const std::string& labels,
                                      const std::optional<std::int64_t>& schedule) {
    const auto at = successes.find(group_of(per, facts, labels_of(labels), schedule));
    return at == successes.end() ? std::nullopt : std::optional(at->second);
  };
  std::vector<LabelledFailures> found;
  for (const FailedRuns& each :
       transaction_.runs().group_failures(table, facts.pipeline, last_success))
    found.push_back({labels_of(each.first->labels), each.first->schedule, each.count,
                     each.first->end, each.last->end, each.last->run});
  return found;
}

std::vector<SlotRun> FactReader::slots(std::int64_t run_table, std::int64_t trigger,
                                       Timestamp begin) {
  return transaction_.runs().slots(run_table, trigger, begin, kInfinity, kSlotRunsMax);
}

std::vector<std::vector<SlotRun>> FactReader::slots(std::int64_t run_table,
                                                    std::span<const SlotsWanted> triggers) {
  return transaction_.runs().slots_of(run_table, triggers, kSlotRunsMax);
}

}  // namespace walpulse::monitor
