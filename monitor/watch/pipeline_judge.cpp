#include "monitor/watch/pipeline_judge.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "monitor/problems/stuck_runs.h"
#include "monitor/problems/subject_findings.h"
#include "monitor/rules/deadline.h"
#include "monitor/watch/rule_words.h"

namespace walpulse::monitor {
namespace {

std::string name_of(const std::string& pipeline, const Group& group) {
  std::string name = pipeline;
  for (const auto& [label, value] : group.labels)
    name.append(" ").append(label).append("=").append(value);
  return name;
}

/// What a group is called with its trigger's id in the place of the name; empty where its name says
/// what it is.
std::string instance_of(const std::string& pipeline, Group group) {
  if (!group.trigger) return "";
  for (auto& [label, value] : group.labels)
    if (label == kTriggerLabel) value = std::to_string(*group.trigger);
  return kSaysTheSubject + name_of(pipeline, group);
}

/// The ends of one group.
struct GroupEnds {
  std::optional<End> success;
  FailedInARow failed;
  End first = {}, last = {};  ///< Of the failures.
};

bool is_newer(const End& end, const std::optional<End>& than) { return !than || *than < end; }

/// Looks at one pipeline; each look_at_ adds what it finds.
class PipelineJudge {
 public:
  PipelineJudge(const PipelineFacts& facts, const rules::Rules& rules, Timestamp as_of)
      : facts_(facts), rules_(rules), as_of_(as_of), policy_(policy_of(Group{})) {}

  Judged judge() {
    if (policy_.ignore.value) return {};
    look_at_ends();
    for (const ActiveFacts& run : facts_.active) look_at_run(run);
    tell_stuck();
    look_at_whole();
    for (const auto& [label, values] : policy_.expect_each)
      for (const std::string& value : values.value) look_at_expected(label, value);
    return std::move(judged_);
  }

 private:
  struct Stuck {
    StuckRuns runs;
    rules::Policy policy;      ///< Of the run that stands for all.
    telemetry::Labels of_run;  ///< What it is told apart by, whatever the rules take together.
  };

  rules::Policy policy_of(const telemetry::Labels& labels,
                          const std::optional<std::string>& trigger) const {
    rules::Subject subject{facts_.pipeline, facts_.source, trigger, {}};
    for (const auto& [label, value] : labels) subject.labels.emplace(label, value);
    return rules::policy_of(rules_, subject);
  }
  rules::Policy policy_of(const Group& group) const {
    telemetry::Labels labels(group.labels.begin(), group.labels.end());
    std::optional<std::string> trigger;
    if (auto named = labels.extract(std::string(kTriggerLabel))) trigger = named.mapped();
    return policy_of(labels, trigger);
  }
  Group group_of(const telemetry::Labels& labels,
                 const std::optional<std::int64_t>& schedule) const {
    return walpulse::monitor::group_of(policy_.per.value, facts_, labels, schedule);
  }

  Subject subject(const Group& group) const {
    Subject made;
    made.source = facts_.source;
    made.name = name_of(facts_.pipeline, group);
    made.known_since = facts_.known_since;
    return made;
  }

  void look(const Subject& subject, const Group& group, const Limits& limits,
            const rules::Policy& policy) {
    for (Finding& finding : subject_findings(subject, limits, as_of_)) {
      finding.severity = policy.severity.value;
      add(std::move(finding), group, policy);
    }
    judged_.next = std::min(judged_.next, next_finding(subject, limits, as_of_));
  }

  void add(Finding finding, const Group& group, const rules::Policy& policy) {
    if (group.trigger) finding.key.instance = instance_of(facts_.pipeline, group);
    if (!group.labels.empty()) finding.evidence.emplace_back("pipeline", facts_.pipeline);
    for (const auto& [label, value] : group.labels)
      finding.evidence.emplace_back(std::string(kOfGroup).append(label), value);
    add_concerned(finding.evidence, policy);
    judged_.findings.push_back(std::move(finding));
  }

  void look_at_ends() {
    if (policy_.per.value.empty())
      return look_at_failures({}, {facts_.success, in_a_row(facts_.failed)}, policy_);
    for (const auto& [group, ends] : ends_apart()) {
      const rules::Policy policy = policy_of(group);
      if (!policy.ignore.value) look_at_failures(group, ends, policy);
    }
  }

  static FailedInARow in_a_row(const FailedRuns& failed) {
    if (failed.count == 0 || !failed.first || !failed.last) return {};
    return {failed.count, failed.first->end.time, failed.last->end.time, failed.last->run};
  }

  std::map<Group, GroupEnds> ends_apart() const {
    std::map<Group, GroupEnds> groups;
    for (const LabelledEnd& each : facts_.successes) {
      auto& success = groups[group_of(each.labels, each.schedule)].success;
      if (is_newer(each.end, success)) success = each.end;
    }
    for (const LabelledFailures& each : facts_.failures) {
      GroupEnds& ends = groups[group_of(each.labels, each.schedule)];
      if (!is_newer(each.last, ends.success)) continue;
      const bool is_first = ends.failed.count == 0;
      ends.failed.count += each.count;
      if (is_first || each.first < ends.first) ends.first = each.first;
      ends.failed.first = ends.first.time;
      if (!is_first && each.last < ends.last) continue;
      ends.last = each.last;
      ends.failed.last = each.last.time;
      ends.failed.last_run = each.last_run;
    }
    return groups;
  }

  void look_at_failures(const Group& group, const GroupEnds& ends, const rules::Policy& policy) {
    Subject made = subject(group);
    made.failed = ends.failed;
    made.last_success = time_of(ends.success);
    Limits limits = nothing();
    limits.fail_after = policy.fail_after.value;
    look(made, group, limits, policy);
  }

  void look_at_run(const ActiveFacts& run) {
    const auto trigger = trigger_of(facts_, run.schedule);
    const rules::Policy policy = policy_of(run.labels, trigger);
    if (policy.ignore.value) return;
    const RunLimits limits{limit_of(policy.waiting.value), limit_of(policy.max_duration.value)};
    judged_.next = std::min(judged_.next, stuck_from(run.run, limits, as_of_));
    const auto kind = stuck_as(run.run, limits, as_of_);
    if (!kind) return;
    Stuck& stuck = stuck_[{*kind, group_of(run.labels, run.schedule)}];
    if (!stuck.runs.add(run.run, stuck_since(run.run, limits), policy.severity.value)) return;
    stuck.policy = policy;
    stuck.of_run = run.labels;
    if (trigger) stuck.of_run.emplace(kTriggerLabel, *trigger);
  }

  void tell_stuck() {
    for (const auto& [of, stuck] : stuck_) {
      const auto& [kind, group] = of;
      Finding found =
          stuck.runs.finding({kind, facts_.source, name_of(facts_.pipeline, group), ""});
      for (const auto& [name, value] : stuck.of_run)
        if (std::ranges::count(group.labels, name, [](const auto& each) { return each.first; }) ==
            0)
          found.evidence.emplace_back(std::string(kOfRun).append(name), value);
      if (kind == ProblemKind::waiting) add_limit(found.evidence, rules_, stuck.policy.waiting);
      if (kind == ProblemKind::too_long)
        add_limit(found.evidence, rules_, stuck.policy.max_duration);
      add(std::move(found), group, stuck.policy);
    }
  }

  /// What is said of the pipeline whoever its runs are of.
  void look_at_whole() {
    Subject made = subject({});
    made.failed = in_a_row(facts_.failed);
    made.last_success = time_of(facts_.success);
    made.last_event = facts_.last_event;
    for (const ActiveFacts& run : facts_.active) made.active.push_back(run.run);
    Limits limits = nothing();
    limits.down_for = limit_of(policy_.down_for.value);
    if (policy_.expect_each.empty()) {
      limits.fresh_within = limit_of(policy_.fresh_within.value);
      limits.deadline = passed_deadline([](const DeadlineFacts& deadline) {
        return deadline.slots_done.value_or(!deadline.completed.empty());
      });
    }
    look(made, {}, limits, policy_);
    if (policy_.done_by.value)
      judged_.next = std::min(
          judged_.next, rules::next_deadline(*policy_.done_by.value, rules_.time_zone, as_of_));
  }

  /// One of the values that must be done, or fresh, each.
  void look_at_expected(const std::string& label, const std::string& value) {
    const auto is_of = [&](const telemetry::Labels& labels) {
      const auto found = labels.find(label);
      return found != labels.end() && found->second == value;
    };
    const Group group{{{label, value}}, std::nullopt};
    const rules::Policy policy = policy_of(group);
    if (policy.ignore.value) return;
    Subject made = subject(group);
    std::optional<End> newest;
    for (const LabelledEnd& each : facts_.successes)
      if (is_of(each.labels) && is_newer(each.end, newest)) newest = each.end;
    made.last_success = time_of(newest);
    Limits limits = nothing();
    limits.fresh_within = limit_of(policy.fresh_within.value);
    limits.deadline = passed_deadline([&](const DeadlineFacts& deadline) {
      return std::ranges::any_of(deadline.completed, is_of);
    });
    look(made, group, limits, policy);
  }

  /// Of a pipeline that was not known when the deadline passed nothing is said.
  template <class Done>
  std::optional<PassedDeadline> passed_deadline(const Done& done) const {
    if (!facts_.deadline || facts_.known_since > facts_.deadline->at) return std::nullopt;
    return PassedDeadline{facts_.deadline->at, done(*facts_.deadline)};
  }

  static Limits nothing() {
    Limits limits;
    limits.fail_after.reset();
    return limits;
  }
  static std::optional<Timestamp> time_of(const std::optional<End>& end) {
    if (!end) return std::nullopt;
    return end->time;
  }

  const PipelineFacts& facts_;
  const rules::Rules& rules_;
  const Timestamp as_of_;
  const rules::Policy policy_;  ///< Of the pipeline as a whole.
  std::map<std::pair<ProblemKind, Group>, Stuck> stuck_;
  Judged judged_;
};

}  // namespace

FactsWanted facts_wanted(const rules::Rules& rules, const std::string& source,
                         const std::string& pipeline, Timestamp as_of) {
  const rules::Policy policy = rules::policy_of(rules, {pipeline, source, std::nullopt, {}});
  FactsWanted wanted;
  wanted.per = policy.per.value;
  wanted.apart = !wanted.per.empty() || !policy.expect_each.empty();
  if (policy.done_by.value) {
    wanted.deadline = rules::previous_deadline(*policy.done_by.value, rules.time_zone, as_of);
    wanted.before_deadline = rules::previous_deadline(
        *policy.done_by.value, rules.time_zone, *wanted.deadline - std::chrono::microseconds(1));
  }
  return wanted;
}

Judged judge_pipeline(const PipelineFacts& facts, const rules::Rules& rules, Timestamp as_of) {
  return PipelineJudge(facts, rules, as_of).judge();
}

}  // namespace walpulse::monitor
