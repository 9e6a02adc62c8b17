#include <algorithm>
#include <nlohmann/json.hpp>

#include "monitor/api/api_json.h"

namespace walpulse::monitor::api {
namespace {

constexpr std::size_t kRunningShown = 5;

Json running_json(const reading::PipelineSummary& summary) {
  Json running = Json::array();
  for (const ActiveFacts& each : summary.active) {
    if (running.size() == kRunningShown) break;
    const char* status = each.run.orphaned ? "ORPHANED" : each.run.initial ? "INITIAL" : "RUNNING";
    running.push_back({{"run", each.run.id},
                       {"status", status},
                       {"since", instant(each.run.since)},
                       {"labels", labels_json(each.labels)}});
  }
  return running;
}

Json success_json(const reading::EndTally& tally) {
  return {{"completed", tally.completed},
          {"ended", tally.ended},
          {"from", instant(tally.first)},
          {"window_seconds", std::chrono::seconds(reading::EndsWindow::kLength).count()}};
}

Json unusual_json(const reading::PipelineState& state, const reading::Durations& durations) {
  if (!state.unusual) return nullptr;
  return {{"run", state.unusual->run},
          {"seconds", seconds_or_null(state.unusual->seconds)},
          {"low_seconds", seconds_or_null(durations.low)},
          {"high_seconds", seconds_or_null(durations.high)},
          {"running", !state.unusual->seconds.has_value()}};
}

}  // namespace

Json json_of(const Links& links, const reading::PipelineEntry& entry, std::size_t ends_max) {
  const reading::PipelineSummary& summary = *entry.summary;
  const reading::PipelineState& state = entry.state;
  const std::string id = Links::id(summary.source, summary.name);
  const reading::TriggerSummary* next = summary.next_due();
  Json json = {
      {"id", id},
      {"url", Links::url("pipelines", id)},
      {"mage_url", links.mage_pipeline(summary.name)},
      {"source", summary.source},
      {"name", summary.name},
      {"team", text_or_null(entry.concerned->team)},
      {"owner", text_or_null(entry.concerned->owner)},
      {"runbook", text_or_null(entry.concerned->runbook)},
      {"state", state.word},
      {"state_title", state.title},
      {"since", instant(state.since)},
      {"severity", state.severity ? Json(name_of(*state.severity)) : Json(nullptr)},
      {"muted", state.muted},
      {"labels", labels_json(state.labels)},
      {"problem_count", state.problem_count},
      {"last_end", summary.last_ends.empty() ? Json(nullptr) : end_json(summary.last_ends[0])},
      {"last_ends", end_marks(summary.last_ends, ends_max)},
      {"success", success_json(summary.success)},
      {"usual_seconds", seconds_or_null(summary.durations.usual)},
      {"nine_of_ten_seconds", seconds_or_null(summary.durations.nine_of_ten)},
      {"usual_of", summary.durations.count},
      {"unusual", unusual_json(state, summary.durations)},
      {"last_success_at", instant(summary.last_success)},
      {"next_due_at", next == nullptr ? Json(nullptr) : instant(next->next->due)},
      {"next_due_trigger",
       next == nullptr ? Json(nullptr)
                       : trigger_ref(summary.source, next->trigger->trigger.id, next->name())},
      {"running_count", summary.active_count},
      {"running", running_json(summary)},
      {"not_made_good_count", summary.not_made_good.size()},
      {"trigger_count", summary.triggers.size()}};
  return json;
}

Json json_of(const Links& links, const reading::TriggerSummary& trigger,
             const reading::Directory& directory) {
  const KnownTrigger& known = *trigger.trigger;
  const std::string& pipeline = trigger.pipeline();
  Json problem = nullptr;
  for (const Problem& each : directory.open)
    if (each.finding.key.kind == ProblemKind::not_started &&
        each.finding.key.source == known.source &&
        each.finding.key.instance == std::to_string(known.trigger.id))
      problem = Links::id(known.source, each.id);
  Json last_run = nullptr;
  if (trigger.last_run)
    last_run = {{"run", trigger.last_run->run},
                {"completed", trigger.last_run->completed},
                {"failed", trigger.last_run->failed}};
  return {
      {"id", Links::id(known.source, known.trigger.id)},
      {"url", Links::url("pipelines", Links::id(known.source, pipeline))},
      {"mage_url", links.mage_trigger(pipeline, known.trigger.id)},
      {"source", known.source},
      {"trigger", known.trigger.id},
      {"name", text_or_null(known.trigger.name.value_or(""))},
      {"pipeline", pipeline.empty() ? Json(nullptr) : pipeline_ref(links, known.source, pipeline)},
      {"type", text_or_null(known.trigger.schedule_type.value_or(""))},
      {"interval", text_or_null(known.trigger.schedule_interval.value_or(""))},
      {"state", trigger.active ? "active" : "paused"},
      {"paused_by", trigger.active ? Json(nullptr) : instant(known.since)},
      {"follows", trigger.follows},
      {"last_slot", trigger.last_run ? instant(trigger.last_run->slot) : Json(nullptr)},
      {"last_slot_run", std::move(last_run)},
      {"next_due_at", trigger.next ? instant(trigger.next->due) : Json(nullptr)},
      {"problem", std::move(problem)}};
}

}  // namespace walpulse::monitor::api
