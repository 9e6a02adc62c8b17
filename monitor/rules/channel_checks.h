#pragma once

#include "monitor/rules/channel_rule.h"
#include "monitor/rules/reporter.h"
#include "monitor/rules/toml_document.h"

namespace walpulse::rules {

/// What must hold of a channel as a whole; what does not is told. Sets what follows from its keys:
/// a webhook with a token has bearer as its auth. `table` is the text that it was read out of.
void complete_channel(ChannelRule& channel, const Node& table, Reporter report);

}  // namespace walpulse::rules
