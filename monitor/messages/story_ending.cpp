#include <algorithm>
#include <string>
#include <vector>

#include "monitor/messages/story.h"
#include "monitor/messages/subject_names.h"

namespace walpulse::monitor::messages {
namespace {

Timestamp ended(const StoryPieces& of) { return of.problem.closed.value_or(of.context.now); }

std::string lasted_for(const StoryPieces& of) { return lasted(ended(of) - of.finding.since); }

/// "run 815 completed 07:12 Lisbon in 13 min (usual 12 min)."; empty where nothing is known.
std::string last_run(const StoryPieces& of) {
  const Facts& facts = of.facts;
  if (!facts.run || !facts.run_ended) return "";
  const std::string status = facts.run_status == "FAILED"      ? "failed"
                             : facts.run_status == "CANCELLED" ? "was cancelled"
                                                               : "completed";
  std::string text =
      "run " + std::to_string(*facts.run) + ' ' + status + ' ' + of.time.at_place(*facts.run_ended);
  if (facts.run_began)
    text += " in " + with_usual(*facts.run_ended - *facts.run_began, facts, false);
  return text + '.';
}

std::string not_made_good(const StoryPieces& of) {
  constexpr std::size_t kNamed = 3;
  const auto& slots = of.facts.not_made_good;
  if (slots.empty()) return "";
  std::string text = slots.size() == 1 ? "the slot of " : "the slots of ";
  for (std::size_t at = 0; at < std::min(slots.size(), kNamed); ++at)
    text += (at == 0 ? "" : ", ") + of.time.at(slots[at]);
  if (slots.size() > kNamed) text += ", ... (" + std::to_string(slots.size()) + ')';
  return "Not made good yet: " + text + '.';
}

std::string failed_runs(const StoryPieces& of) {
  const auto count = number_said(of.finding, "failed_in_a_row");
  return count ? counted(*count, "run") + " had failed." : "";
}

MessagePart ending(Text headline, const std::vector<std::string>& sentences) {
  std::string line;
  for (const std::string& each : sentences)
    if (!each.empty()) line += (line.empty() ? "" : " ") + each;
  MessagePart part{Mood::green, headline.take(), {}, {}};
  if (!line.empty()) part.lines.push_back(Text().say(line).take());
  return part;
}

MessagePart seen_again(const StoryPieces& of) {
  const Facts& facts = of.facts;
  Text headline, line;
  headline.say_strongly("walpulse sees " + cleaned(of.finding.key.source) + " again");
  headline.say(" (blind " + of.time.span(of.finding.since, ended(of)) + ' ' + of.time.place() +
               ')');
  if (facts.ended_meanwhile) {
    line.say("Meanwhile " + counted(*facts.ended_meanwhile, "run") + " ended, ");
    line.say(facts.failed_meanwhile.empty()
                 ? "none failed."
                 : std::to_string(facts.failed_meanwhile.size()) + " failed: ");
    if (!facts.failed_meanwhile.empty()) line.say(named(facts.failed_meanwhile, 10)).say(".");
  }
  MessagePart part{Mood::green, headline.take(), {}, {}};
  if (!line.empty()) part.lines.push_back(line.take());
  return part;
}

/// "*daily_sales* starts again, after 24 min"
Text subject_and(const StoryPieces& of, const std::string& words) {
  Text headline;
  say_subject(headline, of.finding, of.context.details);
  headline.say(words);
  return headline;
}

}  // namespace

MessagePart ending_of(const StoryPieces& of) {
  const auto said_of = [&](const std::string& words) { return subject_and(of, words); };
  switch (of.finding.key.kind) {
    case ProblemKind::failing:
      return ending(said_of(" is fine again after " + lasted_for(of)),
                    {last_run(of), failed_runs(of), not_made_good(of)});
    case ProblemKind::not_started:
      return ending(said_of(" starts again"),
                    {"The slot of " + of.time.at_place(of.finding.since) + " had no run.",
                     last_run(of), not_made_good(of)});
    case ProblemKind::waiting:
      return ending(said_of(" no longer waits to start, after " + lasted_for(of)), {last_run(of)});
    case ProblemKind::too_long:
      return ending(said_of(" no longer runs too long: over after " + lasted_for(of)),
                    {last_run(of)});
    case ProblemKind::not_done:
      return ending(said_of(" is done, " + lasted_for(of) + " late"), {last_run(of)});
    case ProblemKind::stale:
      return ending(said_of(" succeeded again, after " + lasted_for(of)), {last_run(of)});
    case ProblemKind::not_running:
      return ending(said_of(" is running again, after " + lasted_for(of)), {});
    case ProblemKind::abandoned:
      return ending(said_of(": the run that Mage had abandoned is over"), {last_run(of)});
    case ProblemKind::scheduler: {
      Text headline;
      headline.say_strongly("Mage's scheduler starts runs again").say(", after " + lasted_for(of));
      return ending(std::move(headline), {"Source " + cleaned(of.finding.key.source, 60) +
                                          ". What it missed it does not make up for."});
    }
    case ProblemKind::blind:
      return seen_again(of);
    case ProblemKind::check_failed:
    case ProblemKind::undelivered:
      break;
  }
  return ending(said_of(": " + std::string(title_of(of.finding.key.kind)) + " is over, after " +
                        lasted_for(of)),
                {});
}

}  // namespace walpulse::monitor::messages
