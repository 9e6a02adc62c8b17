#include "monitor/problems/subject_findings.h"

#include <algorithm>

#include "monitor/problems/time_limit.h"

namespace walpulse::monitor {
namespace {

/// Collects the findings of one subject.
class Findings {
 public:
  explicit Findings(const Subject& subject) : subject_(subject) {}

  void add(ProblemKind kind, Timestamp since, Timestamp newest, Evidence evidence,
           std::string instance = "") {
    found_.push_back({{kind, subject_.source, subject_.name, std::move(instance)},
                      since,
                      std::move(evidence),
                      Severity::notify,
                      std::nullopt,
                      newest});
  }
  std::vector<Finding> take() { return std::move(found_); }

 private:
  const Subject& subject_;
  std::vector<Finding> found_;
};

void look_at_ends(const Subject& subject, const Limits& limits, Findings& findings) {
  if (!limits.fail_after || subject.failed.count == 0 || subject.failed.count < *limits.fail_after)
    return;
  findings.add(ProblemKind::failing, subject.failed.first, subject.failed.last,
               {{"failed_in_a_row", std::to_string(subject.failed.count)},
                {"run", std::to_string(subject.failed.last_run)},
                {"last_failed", to_rfc3339(subject.failed.last)}});
}

void look_at_success(const Subject& subject, const Limits& limits, Timestamp as_of,
                     Findings& findings) {
  const Timestamp last = subject.last_success.value_or(subject.known_since);
  if (!has_passed(limits.fresh_within, last, as_of)) return;
  findings.add(
      ProblemKind::stale, last, passes_at(limits.fresh_within, last),
      {{"last_success", subject.last_success ? to_rfc3339(*subject.last_success) : "none known"}});
}

bool is_up(const Subject& subject) {
  return std::ranges::any_of(subject.active,
                             [](const ActiveRun& run) { return !run.initial && !run.orphaned; });
}

/// When what was up at some time was so last: also a run that was cancelled or deleted was.
Timestamp last_up(const Subject& subject) {
  Timestamp ended = std::max(subject.known_since, subject.last_event);
  if (subject.failed.count != 0) ended = std::max(ended, subject.failed.last);
  if (subject.last_success) ended = std::max(ended, *subject.last_success);
  return ended;
}

void look_at_presence(const Subject& subject, const Limits& limits, Timestamp as_of,
                      Findings& findings) {
  if (is_up(subject)) return;
  const Timestamp ended = last_up(subject);
  if (has_passed(limits.down_for, ended, as_of)) {
    findings.add(ProblemKind::not_running, ended, passes_at(limits.down_for, ended),
                 {{"last_ran", to_rfc3339(ended)}});
  }
}

}  // namespace

std::vector<Finding> subject_findings(const Subject& subject, const Limits& limits,
                                      Timestamp as_of) {
  Findings findings(subject);
  look_at_ends(subject, limits, findings);
  look_at_success(subject, limits, as_of, findings);
  look_at_presence(subject, limits, as_of, findings);
  if (limits.deadline && !limits.deadline->done && limits.deadline->at <= as_of) {
    const std::string at = to_rfc3339(limits.deadline->at);
    findings.add(ProblemKind::not_done, limits.deadline->at, limits.deadline->at,
                 {{"deadline", at}}, at);
  }
  return findings.take();
}

Timestamp next_finding(const Subject& subject, const Limits& limits, Timestamp as_of) {
  Timestamp next = kInfinity;
  const auto consider = [&](Timestamp at) {
    if (at > as_of) next = std::min(next, at);
  };
  consider(passes_at(limits.fresh_within, subject.last_success.value_or(subject.known_since)));
  if (!is_up(subject)) consider(passes_at(limits.down_for, last_up(subject)));
  if (limits.deadline && !limits.deadline->done) consider(limits.deadline->at);
  return next;
}

}  // namespace walpulse::monitor
