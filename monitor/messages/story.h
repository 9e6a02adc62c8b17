#pragma once

#include "monitor/messages/context.h"
#include "monitor/messages/local_time.h"
#include "monitor/messages/message.h"
#include "monitor/messages/standing.h"

namespace walpulse::monitor::messages {

/// What is told of one problem. Pure.
MessagePart story_of(const Standing& standing, const Facts& facts, const MessageContext& context);

/// What stands in each kind's sentences; story_of() adds the rest: signs, links, how often.
struct StoryPieces {
  const Finding& finding;
  const Problem& problem;
  const Facts& facts;
  const MessageContext& context;
  const LocalTime time;
};
/// The headline and lines of a problem that is open, or is over. No channel that keeps names gets
/// them.
MessagePart opening_of(const StoryPieces& of);
MessagePart ending_of(const StoryPieces& of);
/// "12 min (usual 10 min, nine of ten below 18 min)".
std::string with_usual(std::chrono::microseconds lasted_for, const Facts& facts, bool all);

}  // namespace walpulse::monitor::messages
