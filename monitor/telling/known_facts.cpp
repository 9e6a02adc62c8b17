#include "monitor/telling/known_facts.h"

#include <algorithm>
#include <string_view>

#include "monitor/reading/problem_view.h"
#include "monitor/watch/herald.h"

namespace walpulse::monitor {
namespace {

using messages::Facts;
using reading::PipelineSummary;
using reading::ProblemView;

constexpr std::string_view kCompleted = "COMPLETED";

std::optional<std::chrono::seconds> whole_seconds(const std::optional<double>& seconds) {
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(*seconds));
}

std::string trigger_name(const PipelineSummary& summary, std::optional<std::int64_t> id) {
  const auto found = std::ranges::find_if(
      summary.triggers, [&](const auto& each) { return id && each.trigger->trigger.id == *id; });
  return found == summary.triggers.end() ? "" : found->name();
}

void add_run(Facts& facts, const RunEnd& end, const PipelineSummary& summary) {
  facts.run = end.key.run;
  facts.run_status = end.status;
  facts.run_ended = end.ended;
  if (end.seconds)
    facts.run_began =
        end.ended - std::chrono::microseconds(static_cast<std::int64_t>(*end.seconds * 1'000'000));
  facts.trigger = trigger_name(summary, end.schedule);
}

/// In a row, before the failures that are the newest ends; nothing where there may be more.
std::optional<std::uint64_t> successes_before(const PipelineSummary& summary) {
  const auto is_success = [](const RunEnd& end) { return end.status == kCompleted; };
  const auto first = std::ranges::find_if(summary.last_ends, is_success);
  const auto last = std::find_if_not(first, summary.last_ends.end(), is_success);
  const bool cut =
      last == summary.last_ends.end() && summary.last_ends.size() >= reading::kLastEndsMax;
  if (cut) return std::nullopt;
  return static_cast<std::uint64_t>(last - first);
}

/// The run that the problem is about or, of one that is over, the one that ended it.
void add_run(Facts& facts, const ProblemView& view, const PipelineSummary& summary) {
  const auto is_it = [&](const RunEnd& end) {
    if (view.problem.closed) return end.status == kCompleted && end.ended <= *view.problem.closed;
    return view.run && end.key.run == *view.run;
  };
  const auto end = std::ranges::find_if(summary.last_ends, is_it);
  if (end != summary.last_ends.end()) {
    add_run(facts, *end, summary);
  } else if (view.run && !view.problem.closed) {
    facts.run = view.run;
  }
}

void add_trigger(Facts& facts, const ProblemView& view, const PipelineSummary& summary) {
  if (!view.trigger) return;
  for (const reading::TriggerSummary& each : summary.triggers) {
    if (each.trigger->trigger.id != *view.trigger) continue;
    facts.interval = each.trigger->trigger.schedule_interval.value_or("");
    if (!each.last_run) continue;
    facts.last_run = each.last_run->slot;
    if (each.last_run->completed) facts.last_run_status = "completed";
    if (each.last_run->failed) facts.last_run_status = "failed";
  }
}

Facts facts_of(const ProblemView& view, const rules::Rules& rules) {
  Facts facts;
  if (view.failure) {
    facts.block = view.failure->block;
    facts.error = view.failure->error;
    facts.same_block = !facts.block.empty() && view.same_cause.value_or(false);
  }
  if (view.entry == nullptr) return facts;
  const PipelineSummary& summary = *view.entry->summary;
  add_run(facts, view, summary);
  add_trigger(facts, view, summary);
  if (view.labels.empty()) facts.successes_before = successes_before(summary);
  facts.usual = whole_seconds(summary.durations.usual);
  facts.nine_of_ten = whole_seconds(summary.durations.nine_of_ten);
  facts.last_success = view.last_success();
  if (const auto* next = summary.next_due()) facts.next_run = next->next->due;
  for (const reading::NotMadeGood& each : summary.not_made_good)
    facts.not_made_good.push_back(each.slot);
  for (const ActiveFacts& each : summary.active)
    if (!each.run.initial && !facts.running_since) facts.running_since = each.run.since;
  const Finding& finding = view.problem.finding;
  const rules::Policy policy = rules::policy_of(rules, rule_subject(finding));
  const auto& limit = finding.key.kind == ProblemKind::too_long ? policy.max_duration.value
                                                                : policy.fresh_within.value;
  if (limit) facts.limit = std::chrono::duration_cast<std::chrono::seconds>(*limit);
  return facts;
}

}  // namespace

std::map<std::int64_t, Facts> known_facts(Transaction& in, const Context& context,
                                          const reading::Directory& directory,
                                          const rules::Rules& rules,
                                          std::span<const Problem> problems) {
  std::vector<ProblemView> views;
  views.reserve(problems.size());
  for (const Problem& problem : problems) views.push_back(reading::view_of(problem, directory));
  reading::add_details(in, context, views);
  std::map<std::int64_t, Facts> known;
  for (const ProblemView& view : views) known[view.problem.id] = facts_of(view, rules);
  return known;
}

}  // namespace walpulse::monitor
