#include "monitor/watch/pipeline_facts.h"

#include <optional>
#include <span>

#include "monitor/ledger/timeline/observe.h"

namespace walpulse::monitor {
namespace {

constexpr std::string_view kInitial = "INITIAL";

std::span<const Entry> newest_life(const Timeline& timeline) {
  std::span<const Entry> newest;
  each_life(timeline, [&](std::span<const Entry> life) { newest = life; });
  return newest;
}

/// When the run came into its status. What a snapshot read has been so since the row says it.
Timestamp status_since(std::span<const Entry> life) {
  std::size_t first = life.size() - 1;
  while (first > 0 && life[first - 1].status == life.back().status) --first;
  const Entry& entry = life[first];
  if (first > 0 || !begins_with_a_state(entry)) return entry.commit_time;
  const auto& said = entry.status == kInitial ? entry.created_at : entry.started_at;
  const bool finite = said && *said != kInfinity && *said != kMinusInfinity;
  return finite ? *said : entry.commit_time;
}

/// When the deletion of its trigger took the trigger off the row, which Mage commits together.
/// Nothing where nobody saw that: a snapshot read what was left.
std::optional<Timestamp> trigger_went(std::span<const Entry> life) {
  std::size_t first = life.size();
  while (first > 0 && !life[first - 1].schedule_id) --first;
  if (first == 0 || first == life.size()) return std::nullopt;
  if (life[first].operation == schema::Operation::read) return std::nullopt;
  return life[first].commit_time;
}

}  // namespace

ActiveFacts active_facts(const StoredRun& stored) {
  const RunState& state = stored.run.state;
  ActiveFacts facts;
  facts.run.id = stored.key.run;
  facts.run.orphaned = state.status == kOrphaned;
  facts.run.since = state.since;
  const auto life = newest_life(stored.run.timeline);
  if (life.empty()) return facts;
  facts.run.initial = life.back().status == kInitial;
  facts.run.since = status_since(life);
  if (facts.run.orphaned) facts.run.since = trigger_went(life).value_or(facts.run.since);
  facts.labels = life_labels(life.front());
  facts.labels.erase("pipeline");
  facts.labels.erase("trigger");
  facts.schedule = life.back().schedule_id;
  return facts;
}

std::optional<std::string> trigger_of(const PipelineFacts& facts,
                                      const std::optional<std::int64_t>& schedule) {
  if (!schedule || !facts.trigger_names) return std::nullopt;
  const auto name = facts.trigger_names->find(*schedule);
  if (name == facts.trigger_names->end()) return std::nullopt;
  return name->second;
}

Group group_of(const std::vector<std::string>& per, const PipelineFacts& facts,
               const telemetry::Labels& labels, const std::optional<std::int64_t>& schedule) {
  Group group;
  for (const std::string& label : per) {
    if (label == kTriggerLabel) {
      const auto trigger = trigger_of(facts, schedule);
      if (!trigger) continue;
      group.labels.emplace_back(label, *trigger);
      group.trigger = schedule;
    } else if (const auto value = labels.find(label); value != labels.end()) {
      group.labels.emplace_back(label, value->second);
    }
  }
  return group;
}

}  // namespace walpulse::monitor
