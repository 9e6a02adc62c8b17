#include "monitor/watch/herald.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "monitor/rules/routes.h"
#include "monitor/watch/muting.h"
#include "monitor/watch/pipeline_facts.h"
#include "monitor/watch/rule_words.h"

namespace walpulse::monitor {
namespace {

using Phase = Notice::Phase;

struct Muted {
  bool now = false;
  bool until_now = false;  ///< The mute has just run out.
};

Muted muted(const Problem& problem, const Herald::Scene& scene) {
  Muted found;
  for (const Mute& mute : scene.mutes) {
    if (!is_for(mute, problem)) continue;
    const bool ran_out = mute.until && *mute.until <= scene.wall;
    (ran_out ? found.until_now : found.now) = true;
  }
  return found;
}

/// What is open once the update is kept; of what it changes the newer.
std::vector<const Problem*> open_after(const ProblemUpdate& update, const Herald::Scene& scene) {
  std::map<std::int64_t, const Problem*> changed;
  for (const Problem& problem : update.changes.changed) changed.emplace(problem.id, &problem);
  std::set<std::int64_t> closed;
  for (const Problem& problem : update.changes.closed) closed.insert(problem.id);
  std::vector<const Problem*> open;
  open.reserve(scene.open.size() + update.changes.opened.size());
  for (const Problem& problem : scene.open) {
    if (closed.contains(problem.id)) continue;
    const auto newer = changed.find(problem.id);
    open.push_back(newer == changed.end() ? &problem : newer->second);
  }
  for (const Problem& problem : update.changes.opened) open.push_back(&problem);
  return open;
}

std::vector<rules::Route> routes_of(const Problem& problem, const rules::Rules& rules,
                                    Timestamp wall) {
  const Finding& finding = problem.finding;
  if (rules.notifies.empty()) return {};
  const rules::Subject subject = rule_subject(finding);
  if (rules::quiet_at(rules, subject, wall)) return {};
  auto routes = rules::routes_of(rules, subject, rules::policy_of(rules, subject), finding.severity,
                                 name_of(finding.key.kind));
  // A channel that takes nothing is not told so.
  if (finding.key.kind == ProblemKind::undelivered)
    std::erase_if(routes, [&](const auto& route) { return route.channel == finding.key.subject; });
  return routes;
}

Notice notice_of(const Problem& problem, Phase phase, std::string channel, std::string target,
                 Timestamp wall) {
  Notice notice;
  notice.channel = std::move(channel);
  notice.target = std::move(target);
  notice.phase = phase;
  notice.problem = problem;
  notice.noted = wall;
  return notice;
}

}  // namespace

rules::Subject rule_subject(const Finding& finding) {
  rules::Subject subject;
  subject.pipeline = pipeline_of(finding);
  // What walpulse tells itself is of no source, and its subject is no pipeline.
  if (finding.key.source.empty()) subject.pipeline.clear();
  if (!finding.key.source.empty()) subject.source = finding.key.source;
  for (const auto& [name, value] : finding.evidence) {
    for (const std::string_view prefix : {kOfGroup, kOfRun})
      if (name.starts_with(prefix)) subject.labels.emplace(name.substr(prefix.size()), value);
    if (name == kTriggerLabel) subject.trigger = value;
  }
  // A trigger is told apart as a label is, and is none.
  if (auto trigger = subject.labels.extract(std::string(kTriggerLabel)))
    subject.trigger = std::move(trigger.mapped());
  return subject;
}

rules::Pace pace_of(const Finding& finding, const std::string& channel, const std::string& target,
                    const rules::Rules& rules) {
  const rules::Subject subject = rule_subject(finding);
  auto routes = rules::routes_of(rules, subject, rules::policy_of(rules, subject), finding.severity,
                                 name_of(finding.key.kind));
  // A greeting goes where something may be told, and has the pace of that.
  if (finding.key.subject.empty())
    std::ranges::move(rules::routes_to_all(rules, finding.key.source), std::back_inserter(routes));
  for (const rules::Route& route : routes)
    if (route.channel == channel && route.target == target)
      return {route.first, route.then, route.repeat, route.hours};
  return {};
}

void Herald::recall(Transaction& in, const std::vector<Problem>& open) {
  std::map<std::int64_t, Told> told;
  for (const Problem& problem : open) {
    if (const auto known = told_.find(problem.id); known != told_.end()) {
      told.insert(told_.extract(known));
      continue;
    }
    Told& places = told[problem.id];
    for (const Notice& notice : in.notices().of_problem(problem.id)) {
      Timestamp& last = places[{notice.channel, notice.target}];
      last = std::max(last, notice.noted);
    }
  }
  told_ = std::move(told);
}

std::vector<Notice> Herald::notices(const ProblemUpdate& update, const Scene& scene) const {
  std::set<std::string> looked;
  for (const FirstLook& look : update.looked) looked.insert(look.source);
  std::vector<Notice> notices;
  for (const Problem& problem : update.changes.closed) {
    const auto told = told_.find(problem.id);
    if (told == told_.end()) continue;
    for (const auto& [place, last] : told->second)
      notices.push_back(notice_of(problem, Phase::closed, place.first, place.second, scene.wall));
  }
  for (const Problem* problem : open_after(update, scene)) {
    if (!problem->told) continue;
    const Muted mute = muted(*problem, scene);
    if (mute.now) continue;
    const auto told = problem->id == 0 ? told_.end() : told_.find(problem->id);
    const ProblemKey& key = problem->finding.key;
    const bool is_new = told == told_.end();
    const bool was_there = is_new && !key.subject.empty() && looked.contains(key.source);
    for (rules::Route& route : routes_of(*problem, *scene.rules, scene.wall)) {
      Phase phase = was_there ? Phase::found : mute.until_now ? Phase::unmuted : Phase::opened;
      if (!is_new) {
        if (const auto last = told->second.find({route.channel, route.target});
            last != told->second.end()) {
          if (!route.repeat || scene.wall < last->second + *route.repeat) continue;
          phase = Phase::repeated;
        }
      }
      notices.push_back(notice_of(*problem, phase, std::move(route.channel),
                                  std::move(route.target), scene.wall));
    }
  }
  // A place hears once of each source, so that it is known to work before it is needed.
  for (const std::string& source : looked) {
    Problem none;
    none.finding.key.source = source;
    for (rules::Route& route : rules::routes_to_all(*scene.rules, source))
      notices.push_back(notice_of(none, Phase::found, std::move(route.channel),
                                  std::move(route.target), scene.wall));
  }
  return notices;
}

void Herald::remember(const std::vector<Notice>& notices) {
  for (const Notice& notice : notices) {
    if (notice.is_greeting()) continue;
    if (notice.phase == Phase::closed) {
      told_.erase(notice.problem.id);
    } else {
      told_[notice.problem.id][{notice.channel, notice.target}] = notice.noted;
    }
  }
}

}  // namespace walpulse::monitor
