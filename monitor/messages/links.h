#pragma once

#include <string>
#include <vector>

#include "monitor/messages/context.h"
#include "monitor/messages/message.h"

namespace walpulse::monitor::messages {

/// Where a reader goes from one problem: its run in Mage, its pipeline's history, the runbook, the
/// page's question whether to mute it. That link only asks: chats fetch what they show.
std::vector<Link> links_of(const Problem& problem, const Facts& facts,
                           const MessageContext& context);
/// One link to a view of the page; none where the page's address is not known.
std::vector<Link> page_link(const MessageContext& context, const std::string& text,
                            const std::string& path);

}  // namespace walpulse::monitor::messages
