#pragma once

#include <cstddef>

#include "monitor/rules/channel_rule.h"
#include "monitor/rules/reporter.h"
#include "monitor/rules/route_rules.h"
#include "monitor/rules/toml_document.h"

namespace walpulse::rules {

/// Reads a [channel.NAME]. What is wrong is told, and the rest of it is read all the same. One
/// whose type is not known is a webhook: it has its name, and may be named by all.
ChannelRule read_channel(const NodeEntry& entry, std::size_t file, Reporter report);

/// Reads the [deadman].
DeadmanRule read_deadman(const NodeEntry& entry, std::size_t file, Reporter report);

}  // namespace walpulse::rules
