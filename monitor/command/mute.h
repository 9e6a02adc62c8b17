#pragma once

#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/mutes.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// `walpulse-monitor mute pipeline|problem|list|lift`. The exit code.
int mute(const ServeOptions& options);

/// A line for each: what is muted, until when, by whom and why; how it ended, where it has.
std::string mutes_text(const std::vector<Mute>& mutes, Timestamp now);
/// One JSON object a mute.
std::string mutes_json(const std::vector<Mute>& mutes);

}  // namespace walpulse::monitor
