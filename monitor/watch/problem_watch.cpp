#include "monitor/watch/problem_watch.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/application/capture_as_of.h"
#include "monitor/watch/undelivered.h"
#include "monitor/watch/unlogged.h"

namespace walpulse::monitor {
namespace {

/// Of captures under one name. One that stands still for a day, while another goes on, is no more:
/// it has moved to another schema, say.
Timestamp furthest_behind(const std::vector<Timestamp>& watermarks) {
  constexpr std::chrono::hours kGone{24};
  const Timestamp newest = *std::ranges::max_element(watermarks);
  Timestamp behind = newest;
  for (const Timestamp each : watermarks)
    if (newest - each < kGone) behind = std::min(behind, each);
  return behind;
}

/// One for each name.
std::vector<Sight::Source> sources_of(Transaction& in, const Context& context) {
  std::map<std::string, Sight::Source> sources;
  std::map<std::string, std::vector<Timestamp>> captures;
  for (const SourceRow& row : context.sources) {
    Sight::Source& source = sources[row.name];
    source.name = row.name;
    if (const auto as_of = capture_as_of(context, row)) captures[row.name].push_back(*as_of);
  }
  for (const auto& [name, watermarks] : captures) sources[name].as_of = furthest_behind(watermarks);
  for (const ConnectorRow& row : in.connectors().all()) {
    const auto source = sources.find(row.name);
    if (source == sources.end()) continue;
    source->second.heard = std::max(source->second.heard.value_or(row.sent_at), row.sent_at);
    source->second.heartbeats += row.sequence + 1;
  }
  std::vector<Sight::Source> all;
  all.reserve(sources.size());
  for (auto& [name, source] : sources) all.push_back(std::move(source));
  return all;
}

/// A change may be here before the watermark that passes it.
std::optional<Timestamp> newest_of(const Sight::Source& source, const Context& context) {
  std::optional<Timestamp> newest = std::max(source.as_of, source.heard);
  for (const EpochRow& epoch : context.epochs)
    if (epoch.name == source.name && epoch.standing == Standing::accepted)
      newest = std::max(newest, std::optional(epoch.newest));
  return newest;
}

void append(std::vector<Problem>& to, std::vector<Problem> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

/// What was opened or closed and is told; and what is told now since its cause is over.
ProblemNews news_of(const ProblemUpdate& update, const std::vector<Problem>& open) {
  std::set<std::int64_t> untold;
  for (const Problem& problem : open)
    if (!problem.told) untold.insert(problem.id);
  ProblemNews news;
  std::set<std::string> looked;
  for (const FirstLook& look : update.looked) looked.insert(look.source);
  news.looked.assign(looked.begin(), looked.end());
  for (const Problem& problem : update.changes.opened) {
    if (!problem.told) continue;
    // A whole source is told of at once, also at the first look.
    const ProblemKey& key = problem.finding.key;
    const bool was_there = !key.subject.empty() && looked.contains(key.source);
    (was_there ? news.found : news.opened).push_back(problem);
  }
  for (const Problem& problem : update.changes.changed)
    if (problem.told && untold.contains(problem.id)) news.opened.push_back(problem);
  for (const Problem& problem : update.changes.closed)
    if (problem.told) news.closed.push_back(problem);
  return news;
}

void append(ProblemNews& to, ProblemNews more) {
  append(to.opened, std::move(more.opened));
  append(to.closed, std::move(more.closed));
  append(to.found, std::move(more.found));
  to.looked = std::move(more.looked);
}

}  // namespace

bool may_be_problem(const Happening& happening) { return happening.status == mage::kFailed; }

Result<ProblemNews> ProblemWatch::round(Clock::time_point now, Timestamp wall) {
  if (!ledger_.leadership().ours) {
    board_.clear();
    sight_.clear();
    herald_.clear();
    return ProblemNews{};
  }
  const rules::RuleBook::InForce rules = rules_();
  if (std::exchange(rules_hash_, rules.hash) != rules.hash) board_.clear();
  Look seen;
  const Sight sight = sight_;
  bool again = false;
  auto looked = ledger_.look([&](Transaction& in, const Context& context) {
    if (std::exchange(again, true)) {  // what the first attempt read may lack something
      board_.clear();
      sight_ = sight;
    }
    seen = look(in, context, *rules.rules, now, wall);
  });
  if (!looked) {
    board_.clear();
    return tl::unexpected(looked.error());
  }
  ProblemUpdate update = compare(seen);
  update.now = wall;
  const Herald::Scene scene{rules.rules.get(), seen.open, std::move(seen.mutes), wall};
  std::vector<Notice> notices = herald_.notices(update, scene);
  unlogged_ = seen.unlogged;
  if (update.empty() && notices.empty()) return std::move(seen.left);
  update.notices = [&](Transaction&, const ProblemUpdate& kept) {
    return notices = herald_.notices(kept, scene);
  };
  ProblemNews news;
  update.unlogged = [&](const ProblemUpdate& kept) {
    news = seen.left;
    append(news, news_of(kept, seen.open));
    return unlogged_ = unlogged_text(news);
  };
  const auto kept = ledger_.keep(update);
  if (!kept || !*kept) {
    board_.clear();
    herald_.clear();
    unlogged_.clear();
  } else {
    herald_.remember(notices);
  }
  if (!kept) return tl::unexpected(kept.error());
  if (!*kept) return ProblemNews{};
  return news;
}

Result<void> ProblemWatch::logged() {
  if (unlogged_.empty()) return {};
  return ledger_.logged(std::exchange(unlogged_, {}));
}

ProblemWatch::Look ProblemWatch::look(Transaction& in, const Context& context,
                                      const rules::Rules& rules, Clock::time_point now,
                                      Timestamp wall) {
  Look found;
  found.open = in.problems().open();
  found.mutes = in.mutes().in_force(kMinusInfinity);
  herald_.recall(in, found.open);
  std::map<std::string, Timestamp> judged;
  for (const Sight::Source& source : sources_of(in, context)) {
    Sight::Seen seen = sight_.look(source, found.open, now, wall);
    LookedAt looked{source.name, std::nullopt, newest_of(source, context), std::move(seen.blind),
                    std::nullopt};
    if (seen.judges) {
      looked.as_of = source.as_of;
      looked.first_look = first_look(in, source.name);
      judged.emplace(source.name, *source.as_of);
    }
    found.sources.push_back(std::move(looked));
  }
  board_.refresh(in, context, rules, judged);
  found.undelivered = undelivered_findings(read_given_up(in, wall));
  found.unlogged = unlogged(in);
  found.left = read_unlogged(in, found.unlogged);
  found.wall = wall;
  return found;
}

/// Of a source that is not judged everything stays as it is, but whether it is seen at all.
ProblemUpdate ProblemWatch::compare(const Look& look) {
  ProblemUpdate update;
  update.missed = board_.take_missed();
  std::map<std::string_view, std::vector<const Problem*>> open_of;
  for (const Problem& problem : look.open) {
    update.open.push_back(problem.id);
    open_of[problem.finding.key.source].push_back(&problem);
  }
  for (const LookedAt& source : look.sources) {
    if (!source.newest) continue;
    std::vector<Problem> open;
    for (const Problem* problem : open_of[source.name])
      if (source.as_of || problem->finding.key.kind == ProblemKind::blind) open.push_back(*problem);
    std::vector<Finding> findings;
    if (source.as_of) findings = board_.findings(source.name, *source.as_of);
    if (source.blind) findings.push_back(*source.blind);
    if (source.as_of && !source.first_look) update.looked.push_back({source.name, *source.as_of});
    ProblemChanges changes =
        reconcile(open, findings, *source.newest, source.first_look.value_or(kMinusInfinity));
    append(update.changes.opened, std::move(changes.opened));
    append(update.changes.closed, std::move(changes.closed));
    append(update.changes.changed, std::move(changes.changed));
  }
  // What walpulse tells itself is of no source, and judged by this machine's clock.
  std::vector<Problem> undelivered;
  for (const Problem* problem : open_of[""])
    if (problem->finding.key.kind == ProblemKind::undelivered) undelivered.push_back(*problem);
  ProblemChanges own = reconcile(undelivered, look.undelivered, look.wall);
  append(update.changes.opened, std::move(own.opened));
  append(update.changes.closed, std::move(own.closed));
  append(update.changes.changed, std::move(own.changed));
  return update;
}

}  // namespace walpulse::monitor
