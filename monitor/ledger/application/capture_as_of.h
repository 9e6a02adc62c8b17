#pragma once

#include <optional>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// As of when the table `source` of `context` is known, by the server's clock; nothing while
/// unknown. Of a capture of several tables the heartbeats name the first alone, and speak for all:
/// it is the SourceRow::as_of of whichever tables share the newest epoch that counts of this one.
std::optional<Timestamp> capture_as_of(const Context& context, const SourceRow& source);

}  // namespace walpulse::monitor
