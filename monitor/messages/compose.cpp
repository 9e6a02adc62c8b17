#include "monitor/messages/compose.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "decoder/base/fnv1a.h"
#include "monitor/messages/group.h"
#include "monitor/messages/links.h"
#include "monitor/messages/standing.h"
#include "monitor/messages/story.h"
#include "monitor/messages/subject_names.h"

namespace walpulse::monitor::messages {
namespace {

constexpr std::size_t kIncidentBytesMax = 255;  // PagerDuty's dedup_key

/// What a channel may not see is not known to it.
Facts visible(Facts facts, Details details) {
  if (details == Details::none) {
    Facts nameless;
    nameless.opened_lately = facts.opened_lately;
    nameless.told_with = facts.told_with;
    return nameless;
  }
  if (details == Details::names) {
    facts.block.clear();
    facts.error.clear();
    facts.block_since.reset();
    facts.same_block = false;
  }
  return facts;
}

Told told_of(const Standing& standing, Details details) {
  const Problem& problem = standing.problem();
  Told told;
  told.problem = problem.id;
  told.over = standing.is_over();
  told.kind = problem.finding.key.kind;
  told.severity = problem.finding.severity;
  told.incident = incident_of(problem, details);
  if (details == Details::none) return told;
  told.source = cleaned(problem.finding.key.source);
  told.subject = subject_said(problem.finding, details);
  return told;
}

MessagePart and_more(std::size_t count, const MessageContext& context) {
  return {Mood::warning,
          Text().say("and " + std::to_string(count) + " more").take(),
          {},
          page_link(context, "Now", "/")};
}

}  // namespace

std::string incident_of(const Problem& problem, Details details) {
  const ProblemKey key = identity(problem.finding.key);
  std::string text = "walpulse/";
  text.append(key.source).append("/").append(name_of(key.kind));
  text.append("/").append(key.subject).append("/").append(key.instance);
  if (details == Details::none) return "walpulse/" + fnv1a_digits(text);
  const std::string readable = cleaned(text, kIncidentBytesMax);
  if (readable == text && text.size() <= kIncidentBytesMax) return text;
  return cleaned(text, 40) + '/' + fnv1a_digits(text);
}

Message compose(std::span<const Notice> notices, const MessageContext& context) {
  std::vector<Telling> tellings;
  for (Standing& standing : standings_of(notices)) {
    Facts facts = context.facts ? context.facts(standing.problem()) : Facts{};
    tellings.push_back({standing, visible(std::move(facts), context.details)});
  }
  Message message;
  message.at = context.now;
  std::size_t left_out = 0;
  for (const Group& group : groups_of(tellings, context)) {
    const Telling& first = *group.members.front();
    if (message.parts.size() == kPartsMax) {
      left_out += group.members.size();
    } else if (!group.as_one) {
      message.parts.push_back(story_of(first.standing, first.facts, context));
    } else {
      message.parts.push_back(part_of(group, context));
    }
    for (const Telling* each : group.members)
      if (!each->standing.last->is_greeting())
        message.told.push_back(told_of(each->standing, context.details));
  }
  if (left_out != 0) message.parts.push_back(and_more(left_out, context));
  return message;
}

Message test_message(const std::string& channel, const MessageContext& context) {
  Message message;
  message.at = context.now;
  Text headline, line;
  headline.say("walpulse reaches the channel ").name(channel);
  line.say("This is a test. What is told here, and when, the rules say.");
  message.parts.push_back(
      {Mood::wave, headline.take(), {line.take()}, page_link(context, "Now", "/")});
  return message;
}

}  // namespace walpulse::monitor::messages
