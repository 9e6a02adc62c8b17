#include "monitor/messages/story.h"

#include <algorithm>
#include <string>

#include "monitor/messages/links.h"
#include "monitor/messages/subject_names.h"

namespace walpulse::monitor::messages {
namespace {

using What = Standing::What;

/// Where names stay inside: which kind, since when, and nothing else.
MessagePart nameless(const Standing& standing, const LocalTime& time) {
  const Problem& problem = standing.problem();
  const Finding& finding = problem.finding;
  Text headline, line;
  say_subject(headline, finding, Details::none);
  headline.say(": " + std::string(title_of(finding.key.kind)));
  MessagePart part{Mood::red, {}, {}, {}};
  if (standing.is_over()) {
    part.mood = Mood::green;
    headline.say(" is over");
  }
  line.say("since " + time.at_place(finding.since) + '.');
  part.headline = headline.take();
  part.lines.push_back(line.take());
  return part;
}

MessagePart flapped(const StoryPieces& of, const Standing& standing) {
  Text headline, line;
  say_subject(headline, of.finding, of.context.details);
  headline.say(" comes and goes: " + title_within(of.finding.key.kind) + ' ' +
               std::to_string(standing.openings) + " times since " +
               of.time.at_place(standing.first->problem.opened));
  line.say("It is fine for now.");
  return {Mood::warning, headline.take(), {line.take()}, {}};
}

/// What is said above a problem that was told already, or was there already.
std::string_view state_of(What what) {
  switch (what) {
    case What::repeated:
      return "It is still so.";
    case What::unmuted:
      return "It is no longer muted, and still so.";
    case What::again:
      return "It was over for a moment.";
    default:
      return "";
  }
}

void add_history(MessagePart& part, const Standing& standing, const Facts& facts) {
  Text line;
  line.say(state_of(standing.what));
  const std::size_t lately = std::max(facts.opened_lately, standing.openings);
  if (lately >= kFlapsMin) {
    if (!line.empty()) line.say(" ");
    line.say("It comes and goes: " + std::to_string(lately) + " times in 24 h.");
  }
  if (!line.empty()) part.lines.push_back(line.take());
}

}  // namespace

std::string with_usual(std::chrono::microseconds lasted_for, const Facts& facts, bool all) {
  std::string text = lasted(lasted_for);
  if (!facts.usual) return text;
  text += " (usual " + lasted(*facts.usual);
  if (all && facts.nine_of_ten) text += ", nine of ten below " + lasted(*facts.nine_of_ten);
  return text + ')';
}

MessagePart story_of(const Standing& standing, const Facts& facts, const MessageContext& context) {
  const Problem& problem = standing.problem();
  const StoryPieces of{problem.finding, problem, facts, context,
                       LocalTime(context.zone, context.now)};
  MessagePart part;
  if (context.details == Details::none) {
    part = nameless(standing, of.time);
  } else if (standing.what == What::flapped) {
    part = flapped(of, standing);
  } else if (standing.is_over()) {
    part = ending_of(of);
  } else {
    part = opening_of(of);
  }
  if (standing.what != What::flapped) add_history(part, standing, facts);
  part.links = links_of(problem, facts, context);
  return part;
}

}  // namespace walpulse::monitor::messages
