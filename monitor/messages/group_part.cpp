#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "monitor/messages/group.h"
#include "monitor/messages/links.h"
#include "monitor/messages/local_time.h"
#include "monitor/messages/subject_names.h"
#include "publisher/http/url_encoding.h"

namespace walpulse::monitor::messages {
namespace {

using What = Standing::What;

const Finding& finding_in(const Telling* telling) { return telling->standing.problem().finding; }

/// What all of several pipelines do, or did.
std::string_view verb_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::failing:
      return "failed";
    case ProblemKind::not_started:
      return "did not start";
    case ProblemKind::waiting:
      return "wait to start";
    case ProblemKind::too_long:
      return "run too long";
    case ProblemKind::not_done:
      return "are not done";
    case ProblemKind::stale:
      return "had no success for too long";
    case ProblemKind::not_running:
      return "are not running";
    case ProblemKind::abandoned:
      return "have runs that Mage will never end";
    case ProblemKind::scheduler:
    case ProblemKind::check_failed:
    case ProblemKind::blind:
    case ProblemKind::undelivered:
      break;
  }
  return "have a problem";
}

Mood mood_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::not_started:
    case ProblemKind::scheduler:
      return Mood::clock;
    case ProblemKind::waiting:
    case ProblemKind::too_long:
    case ProblemKind::not_done:
    case ProblemKind::stale:
      return Mood::hourglass;
    case ProblemKind::abandoned:
    case ProblemKind::blind:
    case ProblemKind::undelivered:
      return Mood::warning;
    case ProblemKind::failing:
    case ProblemKind::not_running:
    case ProblemKind::check_failed:
      break;
  }
  return Mood::red;
}

/// "500 pipelines", or "12 parts of 3 pipelines" where rules tell their runs apart.
std::string pipelines_in(const Group& group) {
  std::set<std::string> pipelines;
  for (const Telling* each : group.members) pipelines.insert(pipeline_of(finding_in(each)));
  if (pipelines.size() == group.members.size()) return counted(pipelines.size(), "pipeline");
  return counted(group.members.size(), "part") + " of " + counted(pipelines.size(), "pipeline");
}

/// How often each, the most frequent first.
std::vector<std::pair<std::string, std::size_t>> tally(const std::vector<std::string>& names) {
  std::map<std::string, std::size_t> counts;
  for (const std::string& name : names) ++counts[name];
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater<>(), [](const auto& each) { return each.second; });
  return sorted;
}

/// "ingest 312, finance 120, other 68"; empty where no team is known.
std::string teams_in(const Group& group) {
  constexpr std::size_t kTeamsNamed = 5;
  std::vector<std::string> teams;
  for (const Telling* each : group.members)
    if (const auto team = said(finding_in(each), "team"); !team.empty()) teams.emplace_back(team);
  std::string text;
  std::size_t named_count = 0;
  const auto counts = tally(teams);
  for (std::size_t at = 0; at < std::min(counts.size(), kTeamsNamed); ++at) {
    const auto& [team, count] = counts[at];
    text += (text.empty() ? "" : ", ") + cleaned(team, 40) + ' ' + std::to_string(count);
    named_count += count;
  }
  if (!text.empty() && named_count < group.members.size())
    text += ", other " + std::to_string(group.members.size() - named_count);
  return text;
}

/// The block at which more than half of them are.
std::pair<std::string, std::size_t> block_in(const Group& group) {
  std::vector<std::string> blocks;
  for (const Telling* each : group.members)
    if (!each->facts.block.empty()) blocks.push_back(each->facts.block);
  const auto counts = tally(blocks);
  if (counts.empty() || counts.front().second * 2 <= group.members.size()) return {};
  return counts.front();
}

std::vector<std::string> subjects_in(const Group& group, Details details) {
  std::vector<std::string> subjects;
  subjects.reserve(group.members.size());
  for (const Telling* each : group.members)
    subjects.push_back(subject_said(finding_in(each), details));
  return subjects;
}

MessagePart began_together(const Group& group, const MessageContext& context) {
  const LocalTime time(context.zone, context.now);
  const Finding& first = finding_in(group.members.front());
  const Finding& last = finding_in(group.members.back());
  const bool shows_names = context.details != Details::none;
  const What what = group.members.front()->standing.what;
  MessagePart part;
  part.mood = mood_of(first.key.kind);
  Text headline, line;
  headline.say_strongly(pipelines_in(group) + ' ' + std::string(verb_of(first.key.kind)));
  if (what == What::repeated) headline.say(", still");
  if (what == What::unmuted) headline.say(", no longer muted");
  const bool at_once = time.at(first.since) == time.at(last.since);
  headline.say(at_once ? " at " + time.at_place(first.since)
                       : " between " + time.at(first.since) + " and " + time.at_place(last.since));
  if (const auto [block, count] = block_in(group); count != 0)
    headline
        .say(count == group.members.size() ? ", all at block "
                                           : ", " + std::to_string(count) + " of them at block ")
        .name(block);
  const std::string teams = shows_names ? teams_in(group) : "";
  if (!teams.empty())
    line.say(teams);
  else if (shows_names)
    line.say(named(subjects_in(group, context.details), 10));
  if (!line.empty()) line.say(".");
  if (context.not_before) {
    if (!line.empty()) line.say(" ");
    line.say("More in this channel not before " + time.at(*context.not_before) + '.');
  }
  part.headline = headline.take();
  if (!line.empty()) part.lines.push_back(line.take());
  part.links = page_link(context, "All " + std::to_string(group.members.size()),
                         "/?kind=" + std::string(name_of(first.key.kind)));
  return part;
}

MessagePart fine_again(const Group& group, const MessageContext& context) {
  const LocalTime time(context.zone, context.now);
  const Telling& first = *group.members.front();
  const bool shows_names = context.details != Details::none;
  Together together;
  if (first.facts.told_with && context.together)
    together = context.together(*first.facts.told_with);
  const std::size_t fine =
      together.count == 0 ? group.members.size() : together.count - together.open.size();
  Text headline;
  headline.say_strongly((together.count == 0 ? pipelines_in(group)
                                             : std::to_string(fine) + " of the " +
                                                   counted(together.count, "pipeline")) +
                        (fine == 1 ? " is fine again" : " are fine again"));
  headline.say(" (" + time.at_place(first.standing.problem().closed.value_or(context.now)) + ')');
  if (!together.open.empty()) {
    headline.say(". Still " + title_within(finding_in(&first).key.kind) + ": ");
    headline.say(shows_names ? named(together.open, 5) : std::to_string(together.open.size()));
  }
  MessagePart part{Mood::green, headline.take(), {}, {}};
  if (together.count == 0 && shows_names)
    part.lines.push_back(Text().say(named(subjects_in(group, context.details), 10) + '.').take());
  part.links = page_link(context, "Now", "/");
  return part;
}

/// "7 were failing already. "; empty where others may be told of what is.
std::string found_already(const Group& group, const std::optional<Watched>& watched) {
  std::map<ProblemKind, std::size_t> kinds;
  for (const Telling* each : group.members)
    if (!each->standing.last->is_greeting()) ++kinds[finding_in(each).key.kind];
  if (kinds.empty())
    return watched && watched->pipelines != 0 && watched->problems == 0 ? "None was failing. " : "";
  std::string text;
  for (const auto& [kind, count] : kinds) {
    if (!text.empty()) text += ", ";
    text += std::to_string(count);
    text += kind == ProblemKind::failing
                ? std::string(count == 1 ? " was" : " were") + " failing already"
                : " x " + title_within(kind);
  }
  return text + ". ";
}

MessagePart first_look(const Group& group, const MessageContext& context) {
  const std::string& source = finding_in(group.members.front()).key.source;
  std::optional<Watched> watched;
  if (context.watched) watched = context.watched(source);
  Text headline;
  headline.say("walpulse watches ");
  if (watched && watched->pipelines != 0)
    headline.say(counted(watched->pipelines, "pipeline") + " of ");
  if (context.details == Details::none)
    headline.say("a source");
  else
    headline.name(source);
  headline.say(". " + found_already(group, watched) + "From now on you hear what changes.");
  return {Mood::wave, headline.take(), {}, page_link(context, "Now", "/")};
}

}  // namespace

MessagePart part_of(const Group& group, const MessageContext& context) {
  switch (group.members.front()->standing.what) {
    case What::found:
      return first_look(group, context);
    case What::closed:
    case What::flapped:
      return fine_again(group, context);
    case What::opened:
    case What::again:
    case What::repeated:
    case What::unmuted:
      break;
  }
  return began_together(group, context);
}

}  // namespace walpulse::monitor::messages
