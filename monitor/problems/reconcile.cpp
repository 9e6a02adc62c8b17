#include "monitor/problems/reconcile.h"

#include <algorithm>
#include <map>

namespace walpulse::monitor {
namespace {

bool is_of_runs(ProblemKind kind) {
  return kind == ProblemKind::waiting || kind == ProblemKind::too_long ||
         kind == ProblemKind::abandoned;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Earlier builds opened a problem for each run that is stuck, and knew triggers by their names
/// alone. Nothing of today has such a key, so that none is mistaken for one.
bool was_kept_as(const ProblemKey& before, const ProblemKey& now) {
  if (is_of_runs(now.kind)) return is_number(before.instance);
  return before.instance.empty() && now.instance.starts_with(kSaysTheSubject);
}

/// Collects what is to be written.
class Reconciler {
 public:
  Reconciler(const std::vector<Finding>& findings, Timestamp as_of, Timestamp first_look)
      : findings_(findings), as_of_(as_of), first_look_(first_look) {
    for (const Finding& one : findings) found_.try_emplace(identity(one.key), &one);
  }

  void compare(const std::vector<Problem>& open) {
    std::vector<const Problem*> gone;
    for (const Problem& problem : open) {
      const auto still = found_.extract(identity(problem.finding.key));
      if (still.empty()) {
        gone.push_back(&problem);
      } else {
        go_on(problem, *still.mapped());
      }
    }
    if (!gone.empty()) follow(gone);
  }

  ProblemChanges take() {
    for (const auto& [key, finding] : found_)
      changes_.opened.push_back({*finding, as_of_, std::nullopt, is_told(*finding)});
    return std::move(changes_);
  }

 private:
  /// What is told of is news: its cause is not told instead, and the first look would not have
  /// found it.
  bool is_told(const Finding& finding) const {
    return !finding.cause && (!finding.newest || *finding.newest > first_look_);
  }

  void go_on(const Problem& problem, Finding now) {
    now.since = std::min(now.since, problem.finding.since);
    const bool told = problem.told || is_told(now);
    if (now == problem.finding && told == problem.told) return;
    changes_.changed.push_back({std::move(now), problem.opened, std::nullopt, told, problem.id});
  }

  void close(const Problem& problem, bool told) {
    Problem over = problem;
    over.closed = as_of_;
    over.told = told;
    changes_.closed.push_back(std::move(over));
  }

  /// Problems that are not found under their own keys.
  void follow(const std::vector<const Problem*>& gone) {
    const auto subject_of_key = [](const ProblemKey& key) {
      return ProblemKey{key.kind, key.source, key.subject, ""};
    };
    std::map<ProblemKey, const Finding*> by_subject;
    for (const Finding& one : findings_) by_subject.try_emplace(subject_of_key(one.key), &one);
    for (const Problem* problem : gone) {
      const auto heir = by_subject.find(subject_of_key(problem->finding.key));
      if (heir == by_subject.end() || !was_kept_as(problem->finding.key, heir->second->key)) {
        close(*problem, problem->told);
      } else if (found_.erase(identity(heir->second->key)) > 0) {
        go_on(*problem, *heir->second);
      } else {
        close(*problem, false);
      }
    }
  }

  const std::vector<Finding>& findings_;
  const Timestamp as_of_;
  const Timestamp first_look_;
  std::map<ProblemKey, const Finding*> found_;  ///< By identity; what is left is new.
  ProblemChanges changes_;
};

}  // namespace

ProblemChanges reconcile(const std::vector<Problem>& open, const std::vector<Finding>& findings,
                         Timestamp as_of, Timestamp first_look) {
  Reconciler reconciler(findings, as_of, first_look);
  reconciler.compare(open);
  return reconciler.take();
}

}  // namespace walpulse::monitor
