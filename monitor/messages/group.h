#pragma once

#include <span>
#include <vector>

#include "monitor/messages/context.h"
#include "monitor/messages/message.h"
#include "monitor/messages/standing.h"

namespace walpulse::monitor::messages {

/// A standing with what is known beside it.
struct Telling {
  Standing standing;
  Facts facts;
};

/// What is told at once: one, or several of one kind.
struct Group {
  std::vector<const Telling*> members;
  bool as_one = false;  ///< In one sentence, by part_of(); else it is one problem, by story_of().
};

/// Up to so many are told one by one.
inline constexpr std::size_t kOneByOneMax = 3;
/// Problems that began within it, of one kind and source, began together.
inline constexpr std::chrono::minutes kTogether{10};

/// Those of one kind, source and standing that began within kTogether, or were told together and
/// are over, in groups, where they are more than kOneByOneMax; all others alone. Whatever began is
/// before what is over, what wakes somebody before what does not. Refers to `tellings`. Pure.
std::vector<Group> groups_of(const std::vector<Telling>& tellings, const MessageContext& context);

/// What is told of a group as one.
MessagePart part_of(const Group& group, const MessageContext& context);

}  // namespace walpulse::monitor::messages
