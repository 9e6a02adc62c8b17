#include "monitor/problems/slot_findings.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace walpulse::monitor {
namespace {

/// Of one source, over all its triggers. Missing are the slots behind the last run of their
/// trigger: what was missed before Mage started again says nothing of now.
struct Tally {
  std::size_t due = 0;
  std::size_t missing = 0;
  std::size_t triggers = 0;  ///< With a missing slot: one alone may be broken itself.
  Timestamp first_missing = kInfinity;
  Timestamp last_missing = kMinusInfinity;
  bool scheduler_is_the_cause() const {
    return triggers > 1 && missing >= kSchedulerMissingMin && missing * 2 >= due;
  }
};

using Triggers = std::span<const TriggerSlots* const>;

std::set<std::string> sources_of(Triggers triggers) {
  std::set<std::string> sources;
  for (const TriggerSlots* trigger : triggers) sources.insert(trigger->source);
  return sources;
}

Tally tally(Triggers triggers, const std::string& source, Timestamp begin) {
  Tally of;
  for (const TriggerSlots* trigger : triggers) {
    if (trigger->source != source) continue;
    bool behind_last_run = true;
    const std::size_t missing_before = of.missing;
    const auto& due = trigger->due;
    for (auto slot = due.rbegin(); slot != due.rend() && slot->at > begin; ++slot) {
      ++of.due;
      behind_last_run = behind_last_run && !slot->has_run;
      if (!behind_last_run) continue;
      ++of.missing;
      of.first_missing = std::min(of.first_missing, slot->at);
      of.last_missing = std::max(of.last_missing, slot->at);
    }
    if (of.missing > missing_before) ++of.triggers;
  }
  return of;
}

/// The newest slot for which Mage made a run.
Timestamp last_started(Triggers triggers, const std::string& source) {
  Timestamp last = kMinusInfinity;
  for (const TriggerSlots* trigger : triggers) {
    if (trigger->source != source) continue;
    for (const DueSlot& slot : trigger->due)
      if (slot.has_run) last = std::max(last, slot.at);
  }
  return last;
}

/// Since it started anything, or half of what it should have within a window.
std::optional<Tally> dead_scheduler(Triggers triggers, const std::string& source, Timestamp as_of) {
  std::vector<Timestamp> begins{last_started(triggers, source)};
  for (const auto window : kSchedulerWindows) begins.push_back(as_of - window);
  for (const Timestamp begin : begins)
    if (const Tally of = tally(triggers, source, begin); of.scheduler_is_the_cause()) return of;
  return std::nullopt;
}

std::optional<Finding> not_started(const TriggerSlots& trigger) {
  const auto& due = trigger.due;
  const auto last_run = std::find_if(due.rbegin(), due.rend(), std::mem_fn(&DueSlot::has_run));
  const auto missed = last_run - due.rbegin();
  if (missed == 0) return std::nullopt;
  const Timestamp first = due[due.size() - static_cast<std::size_t>(missed)].at;
  Evidence evidence = {{"trigger", trigger.trigger_name},
                       {"slot", to_rfc3339(first)},
                       {"missed", std::to_string(missed)},
                       {"newest_slot", to_rfc3339(due.back().at)}};
  evidence.insert(evidence.end(), trigger.evidence.begin(), trigger.evidence.end());
  return Finding{
      {ProblemKind::not_started, trigger.source, trigger.pipeline, std::to_string(trigger.trigger)},
      first,
      std::move(evidence),
      trigger.severity,
      std::nullopt,
      due.back().at};
}

Finding scheduler(const std::string& source, const Tally& of) {
  return {{ProblemKind::scheduler, source, "", ""},
          of.first_missing,
          {{"due", std::to_string(of.due)}, {"missing", std::to_string(of.missing)}},
          Severity::page,
          std::nullopt,
          of.last_missing};
}

}  // namespace

std::vector<Finding> slot_findings(std::span<const TriggerSlots* const> triggers, Timestamp as_of) {
  std::vector<Finding> findings;
  std::map<std::string, ProblemKey> causes;
  for (const std::string& source : sources_of(triggers)) {
    const auto dead = dead_scheduler(triggers, source, as_of);
    if (!dead) continue;
    findings.push_back(scheduler(source, *dead));
    causes.emplace(source, findings.back().key);
  }
  for (const TriggerSlots* trigger : triggers) {
    auto finding = not_started(*trigger);
    if (!finding) continue;
    if (const auto cause = causes.find(trigger->source); cause != causes.end()) {
      finding->cause = cause->second;
    }
    findings.push_back(std::move(*finding));
  }
  return findings;
}

}  // namespace walpulse::monitor
