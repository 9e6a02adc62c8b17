#pragma once

#include <span>
#include <string>

#include "monitor/ledger/stores/notices.h"
#include "monitor/messages/context.h"
#include "monitor/messages/message.h"

namespace walpulse::monitor::messages {

/// So much is told one below the other; of the rest how many there are. Slack takes 50 blocks.
inline constexpr std::size_t kPartsMax = 20;

/// One message of all that waits in one channel: what began and was over meanwhile is not told,
/// what began together is told together. Empty where nothing is to be said; the notices are done
/// with either way. Nothing in it is longer than kNameLengthMax or kTextLengthMax says, however
/// long and hostile names are. Pure but for the context's functions.
Message compose(std::span<const Notice> notices, const MessageContext& context);

/// What `notify test` sends: it tells of no problem.
Message test_message(const std::string& channel, const MessageContext& context);

/// What makes a problem one for a receiver that keeps incidents, in at most 255 bytes: readable,
/// but where `details` keeps names.
std::string incident_of(const Problem& problem, Details details);

}  // namespace walpulse::monitor::messages
